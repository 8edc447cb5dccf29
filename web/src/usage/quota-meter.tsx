import { Meter } from '@base-ui/react/meter';
import type { Usage } from '../customer/account.js';
import { texts } from '../texts.js';

const NEARLY = 0.8;

/** How much of the quota is used; nothing on a plan without one. */
export function QuotaMeter({ used, limit }: Pick<Usage, 'used' | 'limit'>) {
  if (limit === null) return null;
  const share = limit === 0 ? 1 : used / limit;
  const tone = share >= 1 ? 'over' : share >= NEARLY ? 'nearly' : 'calm';
  return (
    <Meter.Root
      className={`meter ${tone}`}
      value={Math.min(used, limit)}
      max={Math.max(limit, 1)}
      aria-label={texts.usage.meter}
      getAriaValueText={() => texts.usage.meterValue(used, limit)}
    >
      <Meter.Track className="meter-track">
        <Meter.Indicator className="meter-fill" />
      </Meter.Track>
    </Meter.Root>
  );
}
