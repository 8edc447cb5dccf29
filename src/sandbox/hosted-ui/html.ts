/** Markup that is safe to put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = string | Html | null | readonly Html[];

/** Every text within is escaped; only Html goes in as it is. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((string, i) => string + markup(pieces[i] ?? null)).join(''));
}

function markup(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Html) return piece.text;
  return typeof piece === 'string' ? escaped(piece) : piece.map(markup).join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
