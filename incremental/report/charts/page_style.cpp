#include "incremental/report/charts/page_style.h"

#include "incremental/report/charts/colours.h"

#include <fmt/format.h>

namespace mneme {
namespace {

constexpr const char* light_page =
    "--page:#ffffff;--panel:#f6f8fa;--ink:#17202a;--soft:#52606d;--line:#d8dee4;--grid:#e6eaee;"
    "--light-only:inline;--dark-only:none;color-scheme:light;";
constexpr const char* dark_page =
    "--page:#0f1419;--panel:#171e25;--ink:#e6ebf0;--soft:#9fb0bf;--line:#2c3641;--grid:#222b34;"
    "--light-only:none;--dark-only:inline;color-scheme:dark;";

constexpr const char* charts = R"(
svg text{font-family:inherit;fill:var(--soft);font-size:12.5px}
svg .label{font-size:13px;fill:var(--ink)}
svg .value{font-weight:650;font-size:13px;paint-order:stroke;stroke:var(--page);stroke-width:3px}
.grid{stroke:var(--grid)}
.axis{stroke:var(--soft)}
.rule{stroke:var(--soft);stroke-opacity:.45;stroke-width:.8}
.curve{fill:none;stroke:currentColor;stroke-width:2.1;stroke-linejoin:round;stroke-linecap:round}
.whisker{fill:none;stroke:currentColor;stroke-width:1.4;stroke-opacity:.6}
.dot{fill:currentColor;stroke:var(--page);stroke-width:1}
.rank{fill:none;stroke:var(--soft)}
.alike{stroke:var(--ink);stroke-width:3.5;stroke-linecap:round}
.dot:hover{stroke:var(--ink);stroke-width:2}
)";

constexpr const char* layout = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1180px;margin:0 auto;padding:36px 28px 60px}
header{border-bottom:1px solid var(--line);padding-bottom:20px}
.eyebrow{color:var(--soft);font-size:13px;letter-spacing:.06em;text-transform:uppercase;margin:0}
h1{font-size:32px;line-height:1.2;margin:4px 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:20px;margin:44px 0 4px;letter-spacing:-.005em}
h2+p{margin:0 0 14px;color:var(--soft);max-width:80ch}
p{max-width:80ch}
.facts{display:flex;flex-wrap:wrap;gap:4px 28px;margin:12px 0 0;padding:0;list-style:none;color:var(--soft)}
.facts b{color:var(--ink);font-weight:600}
.remarks{margin:18px 0 0;padding:10px 16px;
border-left:4px solid var(--series-1);background:var(--panel);border-radius:0 6px 6px 0}
.remarks p{margin:2px 0;max-width:none}
.cards{display:grid;grid-auto-flow:column;grid-template-rows:auto auto;grid-auto-columns:1fr;gap:14px;margin:24px 0 6px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card .what{font-size:14px;font-weight:600;line-height:1.3}
.card .kind{font-size:13px;color:var(--soft)}
.card .big{font-size:34px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.card .big small{font-size:17px;font-weight:500;color:var(--soft);margin-left:3px}
.card .how{font-size:12.5px;color:var(--soft);line-height:1.35}
.pair{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:22px 30px;align-items:start}
.pair.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:14px 22px}
figure{margin:10px 0;min-width:0;break-inside:avoid}
figcaption{font-size:14px;color:var(--soft);margin-top:4px;max-width:70ch}
figcaption b{color:var(--ink);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:13.5px;color:var(--soft);margin:0 0 4px 8px;min-height:22px}
.legend span{display:inline-flex;align-items:center;gap:6px}
svg.chart{display:block;width:100%;max-width:640px;height:auto;overflow:visible}
.cells rect{stroke:var(--page);stroke-width:1}
.cells text{text-anchor:middle;font-size:inherit;font-variant-numeric:tabular-nums;pointer-events:none}
.cells g:hover rect{stroke:var(--ink);stroke-width:1.5}
image{image-rendering:pixelated}
.only-light{display:var(--light-only)}
.only-dark{display:var(--dark-only)}
svg .count-low{fill:var(--ink)}
svg .count-high{fill:var(--page)}
.hover{fill:var(--ink);fill-opacity:0}
.hover:hover{fill-opacity:.08;stroke:var(--ink)}
.contents{display:flex;flex-wrap:wrap;gap:2px 20px;padding:12px 0;border-bottom:1px solid var(--line);font-size:14px}
a{color:var(--series-0)}
.contents a{text-decoration:none}
.contents a:hover{text-decoration:underline}
.save{font:inherit;font-size:12.5px;color:var(--soft);background:none;border:1px solid var(--line);border-radius:5px;
padding:0 7px;cursor:pointer}
.save:hover{color:var(--ink);border-color:var(--soft)}
.made{color:var(--soft);font-size:14px;margin-top:8px}
.made code{color:var(--ink);overflow-wrap:anywhere}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:14.5px;width:100%;margin:6px 0}
th,td{text-align:left;vertical-align:top;padding:6px 18px 6px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);font-size:13px}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.n{white-space:nowrap}
td.key,th.key{width:1%;white-space:nowrap}
th.over{text-align:center}
td.soft{color:var(--soft)}
.dense th,.dense td{padding-right:12px}
.dense td:first-child{white-space:nowrap}
.dense td:first-child,.dense tr>th:first-child:not([colspan]){position:sticky;left:0;background:var(--page)}
.setting th{padding-top:16px;color:var(--ink);font-size:14px}
.setting .soft{color:var(--soft);font-weight:400}
td b{font-weight:700}
summary{cursor:pointer;font-weight:600;margin:10px 0 2px}
.settings td:first-child{white-space:nowrap;color:var(--soft)}
.settings td{overflow-wrap:anywhere;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
dl.settings{columns:2 420px;column-gap:36px;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:6px 0}
dl.settings div{break-inside:avoid;padding:2px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
dl.settings dt{display:inline;color:var(--soft);margin-right:10px}
dl.settings dd{display:inline;margin:0}
@media(max-width:600px){
main{padding:20px 14px 40px}
h1{font-size:25px}
th,td{padding-right:12px}
.cards{grid-auto-flow:row;grid-template:none;grid-template-columns:1fr 1fr;gap:8px}
.dense td:first-child{white-space:normal;min-width:9em}
.card{padding:10px}
.card .big{font-size:26px}
}
footer{margin-top:48px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:13.5px}
@media print{
body{font-size:11pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
h2{break-after:avoid;margin-top:26px}
h2+p{break-after:avoid;break-inside:avoid}
.card,tr{break-inside:avoid}
.cards{grid-auto-flow:row;grid-template:none;grid-template-columns:repeat(6,1fr);gap:6px}
.card{padding:6px 8px}
.card .what{font-size:9pt;min-height:2.6em}
.card .kind,.card .how{font-size:8pt}
.card .big{font-size:19px}
.contents,.save,footer{display:none}
.scroll{overflow:visible}
table{font-size:8.5pt}
th{font-size:8pt}
th,td{padding:2px 8px 2px 0;overflow-wrap:anywhere}
.dense,.dense th{font-size:7.5pt}
.dense th,.dense td{padding-right:6px}
.dense td:first-child,.settings td:first-child,td.n{white-space:normal}
td.n,th.n{overflow-wrap:normal}
dl.settings{columns:3;column-gap:5mm;font-size:6.5pt;line-height:1.3}
dl.settings div{padding:0}
.pair{grid-template-columns:1fr 1fr;gap:12px 18px}
}
@page{margin:14mm}
)";

}  // namespace

std::string page_variables(Theme theme) {
  return (theme == Theme::light ? light_page : dark_page) + colour_variables(theme);
}

std::string chart_style() { return charts; }

std::string page_style() {
  return fmt::format(":root{{{}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}{}{}{}",
                     page_variables(Theme::light), page_variables(Theme::dark), layout, charts, colour_rules());
}

}  // namespace mneme
