import type { Me } from '../customer/account.js';
import type { IconName } from '../parts/icons.js';
import { Link } from '../parts/link.js';
import { Screen } from '../parts/screen.js';
import { texts } from '../texts.js';
import { Banners } from './banners.js';

interface Props {
  readonly me: Me;
  readonly icon: IconName;
  readonly title?: string;
  readonly text?: string;
}

/** In the place of a page that is about a plan, for whoever has none. */
export function NoPlan({ me, icon, title = texts.overview.noPlan.title, text = texts.overview.noPlan.text }: Props) {
  if (me.suspension === null) {
    return (
      <Screen icon={icon} title={title} text={text}>
        <Link to="/plans" className="button strong">
          {texts.overview.noPlan.action}
        </Link>
      </Screen>
    );
  }
  return (
    <div className="page">
      <Banners me={me} />
      <Screen icon={icon} title={title} text={texts.suspended.noPlan} />
    </div>
  );
}
