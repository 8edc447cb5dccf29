export type Appearance = 'system' | 'light' | 'dark';

const NAME = 'turnpike.appearance';

export function chosenAppearance(): Appearance {
  const kept = localStorage.getItem(NAME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function wearAppearance(appearance: Appearance): void {
  document.documentElement.dataset.appearance = appearance;
  if (appearance === 'system') localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, appearance);
}
