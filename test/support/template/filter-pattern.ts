type Line = Readonly<Record<string, unknown>>;

/**
 * As CloudWatch Logs reads a pattern. Of terms: all of them, one of those with `?`, and none of those with `-`; a `?` beside others
 * is refused here. In braces: a line of JSON with members that are equal, greater or false, all of them.
 */
export function isFound(pattern: string, line: string): boolean {
  const [, conditions] = /^\{ (.+) \}$/.exec(pattern) ?? [];
  if (conditions !== undefined) return holds(conditions, line);
  const terms = [...pattern.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, mark, phrase, word]) => ({
    mark,
    has: line.includes(phrase ?? word ?? ''),
  }));
  const optional = terms.filter(({ mark }) => mark === '?');
  if (optional.length > 0 && optional.length < terms.length) throw new Error(`Not a pattern: ${pattern}`);
  return optional.length > 0 ? optional.some(({ has }) => has) : terms.every(({ mark, has }) => has === (mark !== '-'));
}

function holds(conditions: string, line: string): boolean {
  const read = parsed(line);
  return conditions.split(' && ').every((condition) => {
    const [, way = '', text, number, isFalse] =
      /^\$\.([\w.]+) (?:= "([^"]*)"|> (\d+)|(IS FALSE))$/.exec(condition) ?? [];
    if (way === '') throw new Error(`Not a condition: ${condition}`);
    const value = way.split('.').reduce<unknown>((at, name) => Object(at)[name], read);
    if (text !== undefined) return value === text;
    return isFalse ? value === false : typeof value === 'number' && value > Number(number);
  });
}

/** What is no JSON has no members. */
function parsed(line: string): Line {
  try {
    return Object(JSON.parse(line)) as Line;
  } catch {
    return {};
  }
}
