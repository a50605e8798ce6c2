/** The sheet of an exported page. Lifelines are a background, arrows are borders: no picture and no script. */
export const htmlStyle = `
:root { color-scheme: light dark; --edge: color-mix(in srgb, CanvasText 30%, Canvas); --soft: color-mix(in srgb, CanvasText 65%, Canvas); --bad: light-dark(#b01011, #ff8a80); --good: light-dark(#1b6e20, #81c995); --warn: light-dark(#7a4f00, #f0c674); --note: color-mix(in srgb, CanvasText 7%, Canvas); }
* { box-sizing: border-box; }
body { max-width: 90rem; margin: 0 auto; padding: 1rem 1.5rem 3rem; font: 14px/1.45 system-ui, sans-serif; color: CanvasText; background: Canvas; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.transfer { margin: .5rem 0; padding: .5rem .8rem; border: 1px solid var(--edge); border-left: 4px solid var(--soft); }
.transfer.success { border-left-color: var(--good); }
.transfer.failed { border-left-color: var(--bad); }
.transfer p { margin: .2rem 0 .4rem; overflow-wrap: anywhere; }
.transfer a { color: inherit; }
.ladder { --left: 9rem; margin-top: 1rem; overflow-x: clip; }
.lanes { position: sticky; z-index: 1; top: 0; display: grid; grid-template-columns: repeat(var(--lanes), minmax(0, 1fr)); padding-left: var(--left); border-bottom: 1px solid var(--edge); background: Canvas; }
.lanes span { padding: .4rem .2rem; overflow: hidden; font-weight: 600; text-align: center; text-overflow: ellipsis; white-space: nowrap; }
.ladder ol { margin: 0; padding: 0; list-style: none; }
.ladder.long li { content-visibility: auto; contain-intrinsic-height: auto 2.9rem; }
.ladder summary { display: grid; grid-template-columns: 3.5rem 5.5rem 1fr; align-items: end; cursor: pointer; list-style: none; }
.ladder summary::-webkit-details-marker { display: none; }
.ladder summary:hover { background: var(--note); }
.number, .time { color: var(--soft); font-variant-numeric: tabular-nums; }
.ladder .number, .ladder .time { padding: 0 .5rem 6px 0; text-align: right; }
.track { display: block; min-width: 0; background: repeating-linear-gradient(90deg, transparent 0 calc(50% / var(--lanes) - .5px), var(--edge) 0 calc(50% / var(--lanes) + .5px), transparent 0 calc(100% / var(--lanes))); }
.note .track { margin-left: var(--left); padding: .25rem 0; }
.arrow, .words { display: block; margin-left: calc((var(--from) + .5) * 100% / var(--lanes)); width: calc(var(--span) * 100% / var(--lanes)); }
.arrow { position: relative; margin-bottom: 6px; padding-top: .6rem; border-bottom: 1.5px solid CanvasText; text-align: center; }
.arrow.self { width: calc(50% / var(--lanes)); text-align: left; }
.arrow::after { position: absolute; bottom: -5.5px; border: 5px solid transparent; content: ''; }
.arrow.right::after { right: 0; border-left: 8px solid CanvasText; border-right: 0; }
.arrow.left::after, .arrow.self::after { left: 0; border-right: 8px solid CanvasText; border-left: 0; }
.response .arrow { border-bottom-style: dashed; }
.lost .arrow { border-bottom-style: dotted; }
.label { display: inline-block; max-width: 100%; padding: 0 .3rem; overflow-wrap: anywhere; background: Canvas; }
.error .label, .lost .label { color: var(--bad); }
.linted .label { color: var(--warn); text-decoration: underline wavy; }
.lint { margin: .4rem 0 0 var(--left); color: var(--warn); }
.words { padding: .2rem .5rem; min-width: 10rem; border: 1px solid var(--edge); overflow-wrap: anywhere; background: color-mix(in srgb, CanvasText 7%, Canvas); text-align: center; }
.note .words { width: calc((var(--span) + 1) * 100% / var(--lanes)); margin-left: calc(var(--from) * 100% / var(--lanes)); }
.note.success .words { border-color: var(--good); }
.note.failed .words { border-color: var(--bad); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
pre { margin: .3rem 0 .8rem var(--left, 0); padding: .6rem .8rem; border: 1px solid var(--edge); overflow-x: auto; background: var(--note); font: 12px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
li:target summary { outline: 2px solid Highlight; }
.source, .map { margin-top: 1.5rem; }
@media print { .ladder li { break-inside: avoid; content-visibility: visible !important; } .lanes { position: static; } .source { display: none; } }
`;
