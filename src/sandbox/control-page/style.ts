/** Of the page of switches, on top of the hosted pages' stylesheet. */
export const PAGE_STYLE = `body { display: block; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
main { max-width: none; padding: 0; background: none; border: 0; border-radius: 0; box-shadow: none; }
header { margin-bottom: 1.5rem; }
h1 { margin-bottom: .5rem; }
h2 { margin: 0 0 1rem; font-size: 1.25rem; line-height: 1.25; }
h3 { margin: 0 0 .25rem; font-size: 1rem; }
form + h3 { margin: 1.5rem 0 .75rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
nav a { padding: .25rem 0; }
main > .notice, main > .problem { position: sticky; top: .5rem; }
html { scroll-padding-top: 5rem; }
section {
  margin-bottom: 1.25rem; padding: 1.25rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: 14px;
}
section > :last-child, form > :last-child, li > :last-child { margin-bottom: 0; }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .25rem 1rem; padding: .375rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
.rows { margin: 0 0 1rem; padding: 0; list-style: none; }
.rows > li { padding: .875rem 0; border-top: 1px solid var(--edge); }
.rows > li > p { margin-bottom: .625rem; color: var(--soft); font-size: .9375rem; }
.rows > li:target { box-shadow: -1.25rem 0 0 -1rem var(--accent); }
.big { font-size: 1.125rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.changed { padding: .0625rem .5rem; border-radius: 8px; background: var(--warn-ground); color: var(--warn); font-size: .8125rem; }
.hint { margin-bottom: .75rem; }
.fields { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem 1rem; margin-bottom: 1rem; }
.field { flex: 1 1 14rem; max-width: 26rem; min-width: 0; }
select {
  width: 100%; min-height: 2.875rem; padding: .6875rem .8125rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px;
}
button { width: auto; max-width: 100%; }
button.quiet { margin-top: 0; }
button.danger { color: var(--bad); background: var(--bad-ground); border-color: currentcolor; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .5rem; }
details { margin-bottom: 1rem; }
summary { padding: .375rem 0; cursor: pointer; color: var(--accent); }
table { width: 100%; margin-bottom: 1rem; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--edge); text-align: start; vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 400; }
tbody th { font-weight: 600; }
.number { padding-inline-end: 1.5rem; text-align: end; font-variant-numeric: tabular-nums; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { max-width: none; }
@media (max-width: 30rem) {
  dl > div { grid-template-columns: 1fr; }
}
`;
