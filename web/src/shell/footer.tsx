import { useId, useState } from 'react';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { type Appearance, chosenAppearance, wearAppearance } from './appearance.js';

const APPEARANCES = ['system', 'light', 'dark'] as const;

export function Footer() {
  const { links, support } = usePortal().branding;
  const [appearance, setAppearance] = useState(chosenAppearance);
  const field = useId();
  const choose = (one: Appearance) => {
    wearAppearance(one);
    setAppearance(one);
  };
  const all = support === null ? links : [...links, { title: texts.support, url: support }];
  return (
    <footer className="footer">
      <div className="footer-inner">
        <p className="small muted">{texts.footer.powered}</p>
        {all.length > 0 && (
          <nav aria-label={texts.footer.label}>
            {all.map(({ title, url }) => (
              <a key={url} href={url}>
                {title}
              </a>
            ))}
          </nav>
        )}
        <div className="appearance">
          <label htmlFor={field} className="small muted">
            {texts.footer.appearance}
          </label>
          <select id={field} value={appearance} onChange={(event) => choose(event.target.value as Appearance)}>
            {APPEARANCES.map((one) => (
              <option key={one} value={one}>
                {texts.footer.appearances[one]}
              </option>
            ))}
          </select>
        </div>
      </div>
    </footer>
  );
}
