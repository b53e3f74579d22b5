"""How published pages look and behave, on a screen and on paper: system fonts, nothing from the network, readable without scripts."""

__all__ = ["SCRIPT", "STYLE"]

STYLE = """
:root{--ink:#16202c;--soft:#4d5b69;--line:#d9e0e7;--pale:#f5f7fa;--head:#edf1f6;--link:#1d4f91;--up:#176039;--down:#a61b1b;--warn:#7a4a00;
--c0:#2c5f9e;--c1:#1f8a70;--c2:#8a5fb0;--c3:#c2651a;--c4:#5a7d2a;--c5:#a03c5d;--plus:#176039;--rest:#e8edf2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:#e9edf2;color:var(--ink);font:15px/1.65 "PingFang SC","Hiragino Sans GB","Microsoft YaHei","Source Han Sans SC",
"Noto Sans CJK SC",system-ui,sans-serif;line-break:strict;overflow-wrap:break-word;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;background:#fff;padding:36px 44px 48px}
h1,h2,h3{line-height:1.4;margin:0;font-weight:700}
h1{font-size:26px;letter-spacing:.01em}
h2{font-size:18px;margin:40px 0 10px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:18px 0 6px}
p{margin:4px 0}
a{color:var(--link);text-underline-offset:3px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:#fff;padding:6px 10px}
.soft{color:var(--soft)}
.top{border-bottom:2px solid var(--ink);padding-bottom:14px}
.top p{color:var(--soft)}
.mark{display:inline-block;border:1.5px solid currentColor;border-radius:3px;padding:1px 9px;font-weight:700;font-size:14px;margin-right:8px}
.mark.provisional{color:var(--warn)}.mark.verified{color:var(--up)}.mark.sample{color:var(--down)}
.cards{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:18px 0 6px;padding:0;list-style:none}
.cards li{border:1px solid var(--line);border-radius:4px;padding:10px 14px}
.cards span{display:block;color:var(--soft);font-size:13px}
.cards b{font-size:19px}
.tools{display:none;gap:8px 14px;flex-wrap:wrap;align-items:center;margin:14px 0 8px}
.scripted .tools{display:flex}
.tools select,.tools input,.tools button{font:inherit;padding:3px 8px;border:1px solid #8c9aa8;border-radius:4px;background:#fff;color:inherit}
.legend{display:flex;gap:4px 18px;flex-wrap:wrap;margin:10px 0;padding:0;list-style:none;font-size:14px}
.legend svg{width:12px;height:12px;margin-right:6px;vertical-align:-1px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.5}
caption{text-align:left;color:var(--soft);font-size:13px;padding:0 0 6px}
th{text-align:left;font-weight:600}
th,td{padding:6px 9px;vertical-align:top}
tbody th{min-width:8em}
thead th{background:var(--head);border-bottom:1px solid var(--line);white-space:nowrap}
tbody tr{border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;white-space:nowrap}
.rank{font-weight:700;text-align:right;width:3.2em}
.who{white-space:nowrap;width:9em}.who small{color:var(--soft);font-weight:400;margin-left:6px}
.total{font-weight:700;text-align:right;width:5em}
.bar{width:34%}.bar svg{display:block;width:100%;height:16px}
.move{text-align:right;white-space:nowrap;width:5em}.up{color:var(--up)}.down{color:var(--down)}
.ranking>tbody>tr.main{border-bottom:0}
.ranking>tbody>tr.main>*{padding-bottom:0}
.ranking>tbody>tr.why>td{padding:0 9px 5px}
details>summary{cursor:pointer;color:var(--link);font-size:13px}
details[open]>summary{margin-bottom:6px}
.inside{background:var(--pale);border:1px solid var(--line);border-radius:4px;padding:10px 14px;margin-bottom:6px}
.inside table{background:#fff}
.tree,.tree ul{list-style:none;margin:0;padding-left:16px;border-left:1px solid var(--line)}
.tree{border-left:0;padding-left:0}
.tree li{padding:1px 0}
.tree .how{color:var(--soft)}
.tree .at{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
code{font:13px/1.5 ui-monospace,Consolas,"Noto Sans Mono","DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.assumed{color:var(--warn);white-space:nowrap}
.note{border-left:3px solid var(--warn);background:#fdf6e9;padding:8px 14px;margin:12px 0}
.error{color:var(--down);font-weight:600}.warning{color:var(--warn);font-weight:600}
footer{margin-top:36px;border-top:1px solid var(--line);padding-top:12px;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.chart{width:100%;max-width:640px;height:auto}
.hidden{display:none}
@media screen and (max-width:760px){main{padding:20px 14px}.cards{grid-template-columns:repeat(2,1fr)}h1{font-size:21px}
.bar{display:none}.who small{display:block;margin:0}th,td{padding:6px 5px}.ranking>tbody>tr.why>td{padding:0 0 6px}.inside{padding:8px}}
@page{size:A4;margin:16mm 14mm}
@media print{body{background:#fff;font-size:11px}main{max-width:none;padding:0}.tools,.skip{display:none!important}
table{font-size:10.5px}tr,li,.cards li{break-inside:avoid}thead{display:table-header-group}h2{break-after:avoid}
.running{position:fixed;bottom:0;right:0;font-size:9px;color:#444}a{color:inherit;text-decoration:none}summary{display:none}
details:not([open]),.why:has(details:not([open])){display:none}.ranking>tbody{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media screen{.running{display:none}}
"""

# ES5, for the browsers that offices have: filter by group and name, expand all, open the body named in the address.
SCRIPT = """
(function(){
var root=document.documentElement;root.className='scripted';
function each(list,act){for(var i=0;i<list.length;i++){act(list[i]);}}
each(document.querySelectorAll('[data-tools]'),function(tools){
var table=document.getElementById(tools.getAttribute('data-tools'));
var group=tools.querySelector('select'),word=tools.querySelector('input'),all=tools.querySelector('button'),told=tools.querySelector('output');
function filter(){
var shown=0,text=word.value.replace(/\\s+/g,'');
each(table.tBodies,function(body){
var fits=(!group.value||body.getAttribute('data-group')===group.value)&&(!text||body.getAttribute('data-name').indexOf(text)>=0);
body.className=fits?'':'hidden';if(fits){shown++;}});
told.textContent='\\u5171 '+shown+' \\u4e2a';}
group.onchange=filter;word.oninput=filter;word.onkeyup=filter;
all.onclick=function(){
var open=all.getAttribute('aria-pressed')!=='true';
each(table.querySelectorAll('details'),function(one){if(open){one.setAttribute('open','');}else{one.removeAttribute('open');}});
all.setAttribute('aria-pressed',open?'true':'false');all.textContent=open?'\\u5168\\u90e8\\u6536\\u8d77':'\\u5168\\u90e8\\u5c55\\u5f00';};
filter();});
function visit(){var at=location.hash&&document.getElementById(decodeURIComponent(location.hash.slice(1)));
var inside=at&&at.querySelector('details');if(inside){inside.setAttribute('open','');}}
window.onhashchange=visit;visit();
})();
"""
