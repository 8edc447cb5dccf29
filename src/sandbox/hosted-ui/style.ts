export const STYLE_PATH = '/login/style.css';

/** Of all hosted pages. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f3f5f4; --card: #fff; --text: #17211d; --soft: #55635d; --line: #7b8983; --edge: #e0e6e3;
  --accent: #0b6b4f; --on-accent: #fff; --accent-deep: #08523c;
  --bad: #a3211b; --bad-ground: #fdefee; --good: #0b5f46; --good-ground: #e8f5ef; --warn: #6f4a00; --warn-ground: #fdf4de;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1412; --card: #18201d; --text: #e9efec; --soft: #a5b3ad; --line: #6d7c75; --edge: #2a3531;
    --accent: #5fd0a5; --on-accent: #06251a; --accent-deep: #86e0bf;
    --bad: #ffb3ad; --bad-ground: #3a1917; --good: #8fe3c1; --good-ground: #12322a; --warn: #f3d38c; --warn-ground: #352a10;
  }
}
* { box-sizing: border-box; }
html { font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: 1.25rem; padding: 2rem 1rem; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 26rem; padding: 2.25rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: 14px; box-shadow: 0 1px 2px #0000000a, 0 12px 32px #0000000f;
}
.brand { display: flex; align-items: center; gap: .625rem; margin: 0 0 1.5rem; color: var(--soft); font-weight: 600; }
.mark {
  flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 8px;
  background: var(--accent); color: var(--on-accent); font-weight: 700;
}
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
p { margin: 0 0 1.25rem; }
.problem, .notice, .warning { padding: .75rem 1rem; border-radius: 8px; border-left: 4px solid; font-size: .9375rem; }
.problem { background: var(--bad-ground); color: var(--bad); }
.notice { background: var(--good-ground); color: var(--good); }
.warning { background: var(--warn-ground); color: var(--warn); }
label { display: block; margin-bottom: .375rem; font-weight: 600; font-size: .9375rem; }
input {
  width: 100%; padding: .6875rem .8125rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px;
}
input[readonly] { color: var(--soft); background: var(--ground); border-color: var(--edge); }
input[aria-invalid] { border-color: var(--bad); }
input.code { letter-spacing: .3em; font-variant-numeric: tabular-nums; }
.hint { display: block; margin-top: .5rem; color: var(--soft); font-size: .875rem; }
button {
  width: 100%; min-height: 2.875rem; padding: .6875rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: 8px;
}
button:hover { background: var(--accent-deep); }
button.quiet { margin-top: .75rem; color: var(--accent); background: none; border-color: var(--line); }
button.quiet:hover { border-color: currentcolor; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); text-underline-offset: .15em; }
.more { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 1.5rem; margin: 1.25rem 0 0; font-size: .9375rem; }
.more a { padding: .125rem 0; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: .9em; }
footer { max-width: 26rem; color: var(--soft); font-size: .8125rem; text-align: center; }
@media (max-width: 30rem) {
  body { justify-content: flex-start; padding: 1rem .75rem; }
  main { padding: 1.5rem 1.25rem; }
}
`;
