"""How an audit in HTML looks, on a screen and on paper: system fonts, no picture, nothing from the network."""

STYLE = """
:root{--ink:#18222f;--soft:#51606f;--line:#d8dfe7;--pale:#f4f6f9;--head:#eef2f6;--link:#1d4f91;
--conflict:#701a75;--failed:#a61b1b;--exempt:#6b4e00;--risks:#8a4b08;--proved:#1a6340;--probed:#2b5c94;--unknown:#4b5866}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:#e9edf2;color:var(--ink);font:15px/1.65 "PingFang SC","Hiragino Sans GB","Microsoft YaHei","Source Han Sans SC",
"Noto Sans CJK SC",system-ui,sans-serif;text-spacing-trim:trim-start;line-break:strict;overflow-wrap:break-word;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;background:#fff;padding:44px 56px 56px;min-height:100vh}
h1,h2,h3,h4{line-height:1.45;margin:0;font-weight:700}
h1{font:700 27px/1.4 "Source Han Serif SC","Noto Serif CJK SC","Songti SC",STSong,SimSun,serif;letter-spacing:.02em;text-wrap:balance}
h2{font-size:19px;margin:44px 0 4px;padding-top:18px;border-top:1px solid var(--line)}
h3{font-size:16px}
h4{font-size:14px;margin:20px 0 6px;color:var(--soft)}
p{margin:4px 0}
a{color:var(--link);text-underline-offset:3px;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code{font:13px/1.6 ui-monospace,"SF Mono",Consolas,"Noto Sans Mono","DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.top{border-bottom:2px solid var(--ink);padding-bottom:18px}
.kind{color:var(--soft);letter-spacing:.12em;font-size:13px;margin:0 0 6px}
.soft,.note{color:var(--soft)}
.note{margin:0 0 16px}
.count{font-weight:400;color:var(--soft);font-size:15px;margin-left:.5em}
.conclusion{margin:22px 0 4px;font-size:18px;font-weight:700}
.band{display:grid;grid-template-columns:repeat(7,1fr);gap:8px;list-style:none;margin:18px 0 0;padding:0}
.band li{border:1px solid var(--line);border-top:3px solid var(--tone);border-radius:3px;padding:9px 12px 10px}
.band a{color:inherit;text-decoration:none;display:block}
.band a:hover .word{text-decoration:underline}
.band .number{font-size:25px;line-height:1.25;font-weight:700;display:block}
.band .word{word-break:keep-all;font-size:13px;color:var(--tone);font-weight:600;display:block;line-height:1.4}
.band .none{border-top-color:var(--line)}
.band .none .number{color:#66737f;font-weight:400}
.band .none .word{color:var(--soft);font-weight:400}
.conflict{--tone:var(--conflict)}.failed{--tone:var(--failed)}.exempt{--tone:var(--exempt)}.risks{--tone:var(--risks)}
.proved{--tone:var(--proved)}.probed{--tone:var(--probed)}.unknown{--tone:var(--unknown)}
.verdict{color:var(--tone);font-weight:600;white-space:nowrap}
.card{border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:3px;padding:16px 22px 18px;margin:0 0 16px}
.card.conflict{border-width:1px 1px 1px 8px}
.card header{display:flex;gap:4px 14px;flex-wrap:wrap;align-items:baseline;margin-bottom:4px}
.card header .verdict{font-size:14px}
.card .found{font-size:16px;font-weight:600;margin:8px 0 0}
.card .asked{color:var(--soft);font-size:14px;margin:0}
:target{scroll-margin-top:16px;outline:2px solid var(--link);outline-offset:3px}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 16px;margin:12px 0 0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;min-width:0}
.copy{user-select:all}
table{border-collapse:collapse;font-size:14px;line-height:1.5}
th{text-align:left;font-weight:600}
th,td{padding:6px 12px;vertical-align:top}
.wide{overflow-x:auto;max-width:100%}
.case{margin:14px 0 2px;border:1px solid var(--line)}
.case thead th{background:var(--head);border-bottom:1px solid var(--line);white-space:nowrap}
.case td,.case thead .v{text-align:right;min-width:96px}
.case td.v{white-space:normal}
.case tbody th{font-weight:400;max-width:26em}
.case tr.part th{font-size:12px;color:var(--soft);letter-spacing:.1em;padding:7px 12px 0}
.case tbody+tbody{border-top:1px solid var(--line)}
.case tr.diff{background:#fdf3e3}
.case tr.diff th,.case tr.diff .v{font-weight:700}
.case td.m{text-align:left;white-space:nowrap;min-width:0;color:#7a4300;font-weight:600}
.list{width:100%}
.list thead th{background:var(--head);border-bottom:1px solid var(--line);color:var(--soft);font-size:13px;white-space:nowrap}
.list tbody th{font-weight:400}
.list tbody tr{border-bottom:1px solid var(--line)}
.list td.v,.list th.v{text-align:right}
.list .who{white-space:nowrap}
.rows{table-layout:fixed}.rows th:nth-child(1){width:12.5em}.rows th:nth-child(2){width:33%}.rows .who{white-space:normal}
.rows .by{width:10em}.rows .cases{width:8em}.rows .reason{width:38%}
.matrix{border:1px solid var(--line);width:100%;table-layout:fixed}
.matrix th,.matrix td{border-bottom:1px solid var(--line)}
.matrix thead th{background:var(--head);vertical-align:bottom;font-size:13px;line-height:1.45}
.matrix thead th:first-child{width:25em}
.matrix tbody th{font-weight:400}
.matrix th:first-child{position:sticky;left:0;background:#fff}.matrix thead th:first-child{background:var(--head)}
.matrix tbody th .soft{display:block;font:12px/1.5 ui-monospace,Consolas,"DejaVu Sans Mono",monospace}
.matrix td{border-left:1px solid var(--line);white-space:nowrap}
.matrix thead th+th{border-left:1px solid var(--line)}
.matrix td a{display:block;color:var(--tone);font-weight:600;text-decoration:none;font-size:13px;width:fit-content}
.matrix td a:hover{text-decoration:underline}
.matrix .failed,.matrix .conflict{background:#fbeceb;box-shadow:0 0 0 2px #fbeceb}
.matrix .conflict{background:#f8ecf9;box-shadow:0 0 0 2px #f8ecf9}
.matrix .empty{color:#66737f;font-size:13px}
details{border:1px solid var(--line);border-radius:3px;margin:0 0 10px}
summary{cursor:pointer;line-height:1.5;padding:9px 16px;font-weight:600}
summary:hover{background:var(--pale)}
details[open]>summary{border-bottom:1px solid var(--line)}
details>:not(summary){margin:0}
details>.body{padding:10px 16px 12px}
.card details{margin-top:12px}
ul.plain{margin:0;padding:0 0 0 1.2em}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:44px;border-top:2px solid var(--ink);padding-top:14px;font-size:14px;color:var(--soft)}
@media screen and (max-width:820px){main{padding:26px 18px 36px}.band{grid-template-columns:repeat(auto-fit,minmax(132px,1fr))}.card{padding:14px 14px 16px}
h1{font-size:22px}h2{margin-top:34px}.matrix thead th:first-child{width:11em}
.case th,.case td,.list th,.list td{padding:6px 8px}.case td,.case thead .v{min-width:0}dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:7px}
.list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.list.rows,.list.rows tbody,.list.rows tr,.list.rows th,.list.rows td{display:block;padding:1px 0}.list.rows td.v{text-align:left}
.list.rows tr{padding:9px 14px}.list.rows .who{white-space:normal}
.list.rows td[data-name]::before{content:attr(data-name) " ";color:var(--soft)}}
h2+.wide,h2+details{margin-top:12px}
@page{size:A4;margin:18mm 15mm}
@media print{body{background:#fff;font-size:10.5pt;line-height:1.55}main{padding:0;max-width:none;min-height:0}
h1{font-size:18pt}h2{font-size:13pt;margin-top:20pt;padding-top:8pt}table{font-size:9.5pt}dl{font-size:9.5pt}code{font-size:8.5pt}
h2,h3,h4,summary,.note{break-after:avoid}.card{padding:9pt 12pt}.card .wide,.card dl{break-inside:avoid}.card header,.card p{break-after:avoid}tr,.band{break-inside:avoid}thead{display:table-header-group}
details{border:0}details::details-content{content-visibility:visible;display:block}summary{list-style:none;padding:6pt 0 3pt}summary::-webkit-details-marker{display:none}
details[open]>summary{border:0}details>.body{padding:0}.wide{overflow:visible}a{color:inherit;text-decoration:none}
.band .number{font-size:16pt}.band li{padding:5pt 6pt}.band{gap:4pt;margin-top:10pt}.band .word{font-size:8.5pt}.matrix{min-width:0!important}.matrix thead th:first-child{width:13em}.matrix th:first-child{position:static}summary{break-inside:avoid}
main .list td code{font-size:7.5pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
