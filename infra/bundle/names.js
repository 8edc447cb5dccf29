import ts from 'typescript';

/** What esbuild calls the function by which it gives back a name. */
const NAMER = '__name';

/**
 * The code without the calls by which esbuild gives functions and classes names that they have anyway. With `keepNames` it
 * makes one for each, and pays it again whenever a closure is made, a dozen times a request. Whatever was renamed keeps its
 * call. To be dropped as soon as esbuild does this itself: https://github.com/evanw/esbuild/issues/2605
 */
export function withoutNeedlessNames(code) {
  const source = ts.createSourceFile('code.cjs', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const cuts = [];
  const look = (node) => {
    if (isNaming(node)) cuts.push(...needless(node));
    ts.forEachChild(node, look);
  };
  look(source);
  cuts.sort(([one], [other]) => one - other);
  const kept = cuts.map(([start], index) => code.slice(cuts[index - 1]?.[1] ?? 0, start));
  return [...kept, code.slice(cuts.at(-1)?.[1] ?? 0)].join('');
}

function isNaming(node) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
  return node.expression.text === NAMER && node.arguments.length === 2 && ts.isStringLiteral(node.arguments[1]);
}

/** From where to where it may be left out: `[[start, end], …]`, none when it is needed. */
function needless(call) {
  const [target, { text: name }] = call.arguments;
  if (ts.isIdentifier(target)) return target.text === name ? statementOf(call) : [];
  if (target.kind === ts.SyntaxKind.ThisKeyword) return nameOf(classAround(call)) === name ? statementOf(call) : [];
  if (!isFunction(target) || target.name || nameOf(target, call) !== name) return [];
  return [
    [call.getStart(), target.getStart()],
    [target.end, call.end],
  ];
}

function statementOf({ parent }) {
  return ts.isExpressionStatement(parent) ? [[parent.getStart(), parent.end]] : [];
}

/** In whose static block it stands. */
function classAround({ parent }) {
  const block = parent.parent?.parent;
  return block && ts.isClassStaticBlockDeclaration(block) ? block.parent : null;
}

function isFunction(target) {
  return ts.isArrowFunction(target) || ts.isFunctionExpression(target);
}

/** What it is called as it stands there; null = nothing. */
function nameOf(target, there = target) {
  return target && (target.name?.text ?? nameOfPlace(there.parent));
}

/** By what the language calls what has no name of its own. */
function nameOfPlace(place) {
  if (ts.isVariableDeclaration(place) || ts.isPropertyAssignment(place) || ts.isParameter(place))
    return place.name && 'text' in place.name ? place.name.text : null;
  return ts.isBinaryExpression(place) &&
    place.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isIdentifier(place.left)
    ? place.left.text
    : null;
}
