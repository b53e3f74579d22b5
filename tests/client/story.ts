// A system that isn't Python: scores a body, reads why, sends a report, and is told what is wrong with another one.
import { assess, explain, score, validate, version } from './client';
import { client } from './client/client.gen';
import type { Step } from './client';

client.setConfig({ baseUrl: process.env.MINSHENG_URL, auth: process.env.MINSHENG_TOKEN });

const lines = (step: Step, depth = 0): string[] => {
  const value = step.value;
  const shown = value !== null && typeof value === 'object' ? `${value.value}${value.unit}` : String(value ?? '—');
  return [`${'  '.repeat(depth)}${step.label} ${shown}`, ...step.parts.flatMap((part) => lines(part, depth + 1))];
};

async function story() {
  const path = { scheme: '2023', sheet: 'township' };
  const one = await score({ path, body: { figures: { period: '2023-10', insured: 602, target: '768' } }, throwOnError: true });
  const row = { body: '沩山乡', period: '2023-10', filed: '2023-11-03', insured: '11120', base: '10680' };
  const sent = { scheme: '2023' };
  const whole = await assess({ path: sent, body: { reports: { resident_pension: [row] } }, throwOnError: true });
  const why = await explain({ path: sent, query: { body: '沩山乡' }, body: { reports: { resident_pension: [row] } }, throwOnError: true });
  const checked = await validate({ path: sent, body: { reports: { resident_pension: [{ ...row, insured: '一万' }] } }, throwOnError: true });
  const wrong = await score({ path, body: { figures: { period: '2023-10', insured: 'many' } } });
  const runs = await version({ throwOnError: true });
  console.log(
    JSON.stringify({
      total: one.data.total, explanation: one.data.explanation && lines(one.data.explanation), fingerprint: one.data.fingerprint,
      body: whole.data.sheets[0].bodies.find((each) => each.body.name === '沩山乡')?.total,
      why: lines(why.data.sheets[0].explanation), sound: checked.data.sound, places: checked.data.findings.map((each) => each.place?.path),
      wrong: { status: wrong.response?.status, error: wrong.error }, library: runs.data.library,
    }),
  );
}

story();
