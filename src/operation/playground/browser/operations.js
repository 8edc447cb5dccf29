/** The pane with the ready operations: a press on one opens it in a tab of its own, with its variables. */

import { COLLECTION } from './collection.js';

const { createElement, useEffect, useRef } = globalThis.React;
const { useEditorContext } = globalThis.GraphiQL.React;

export const operationsPane = { title: 'Operations', icon: Icon, content: Operations };

function Operations() {
  const { addTab, queryEditor, tabs, variableEditor } = useEditorContext({ nonNull: true });
  const chosen = useRef(null);
  useEffect(() => {
    if (tabs.length === 0 || chosen.current === null) return;
    const { text, variables } = chosen.current;
    chosen.current = null;
    variableEditor?.setValue(variables);
    queryEditor?.setValue(text);
  }, [tabs.length, queryEditor, variableEditor]);
  const open = (operation) => {
    chosen.current = { text: operation.text, variables: filledIn(operation.variables, variableEditor?.getValue()) };
    addTab();
  };
  return createElement(
    'section',
    { 'aria-label': 'Operations', className: 'operations' },
    createElement('h2', null, 'Operations'),
    COLLECTION.map(({ heading, operations }) => group(heading, operations, open)),
  );
}

function group(heading, operations, open) {
  const items = operations.map((operation) => {
    const onClick = () => open(operation);
    const name = createElement('strong', null, operation.name);
    const button = createElement(
      'button',
      { type: 'button', onClick },
      name,
      createElement('span', null, operation.about),
    );
    return createElement('li', { key: operation.name }, button);
  });
  return createElement('div', { key: heading }, createElement('h3', null, heading), createElement('ul', null, items));
}

/** Whom the tab before was about, the next one is about too. A reason, a plan, a consent is never taken over. */
function filledIn(variables, before) {
  if (Object.keys(variables).length === 0) return '';
  const { userId = '' } = parsed(before);
  return JSON.stringify('userId' in variables ? { ...variables, userId } : variables, null, 2);
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function Icon() {
  const line = (y) =>
    createElement('path', {
      key: y,
      d: `M2 ${y}h.5M5 ${y}h7`,
      stroke: 'currentColor',
      strokeWidth: 1.5,
      strokeLinecap: 'round',
    });
  return createElement('svg', { viewBox: '0 0 14 14', fill: 'none', 'aria-hidden': true }, [3, 7, 11].map(line));
}
