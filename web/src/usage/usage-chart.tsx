import { useLayoutEffect, useRef, useState } from 'react';
import { texts } from '../texts.js';
import { type Day, ticks } from '../words/days.js';
import { count, utcDayShort } from '../words/moments.js';

interface Props {
  readonly days: readonly Day[];
  /** Against the limit a bar begins where the day before ended; else each stands on the ground. */
  readonly isStacked: boolean;
  /** Drawn as a line; null = there is none to draw. */
  readonly limit: number | null;
  /** The last day that there can be calls on. */
  readonly today: string;
}

const HEIGHT = 240;
const LEFT = 48;
const RIGHT = 8;
const TOP = 24;
const BOTTOM = 26;
const LABEL_WIDTH = 64;

/** Bars by day. The same numbers stand in the table beside it, for those who do not see them. */
export function UsageChart({ days, isStacked, limit, today }: Props) {
  const [frame, width] = useWidth();
  const most = Math.max(limit ?? 0, ...days.map(({ used, soFar }) => (isStacked ? soFar : used)));
  const lines = ticks(most);
  const top = lines.at(-1) ?? 1;
  const y = (calls: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - calls / top);
  const slot = (width - LEFT - RIGHT) / days.length;
  const labelEvery = Math.max(1, Math.ceil((LABEL_WIDTH * days.length) / Math.max(1, width - LEFT - RIGHT)));
  const total = days.at(-1)?.soFar ?? 0;
  return (
    <div className="chart" ref={frame}>
      <svg width={width} height={HEIGHT} role="img" aria-label={texts.usage.chartSummary(total, days.length)}>
        {lines.map((line) => (
          <g key={line}>
            <line className="chart-line" x1={LEFT} x2={width - RIGHT} y1={y(line)} y2={y(line)} />
            <text className="chart-label" x={LEFT - 8} y={y(line) + 4} textAnchor="end">
              {short(line)}
            </text>
          </g>
        ))}
        {days.map((day, index) => (
          <g key={day.date} className="chart-day">
            <title>
              {isStacked
                ? texts.usage.chartSoFar(day.date, day.used, day.soFar)
                : texts.usage.chartDay(day.date, day.used)}
            </title>
            <rect className="chart-touch" x={LEFT + index * slot} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} />
            {isStacked && day.date <= today && (
              <Bar index={index} slot={slot} from={y(0)} to={y(day.soFar - day.used)} tone="before" />
            )}
            <Bar
              index={index}
              slot={slot}
              from={isStacked ? y(day.soFar - day.used) : y(0)}
              to={isStacked ? y(day.soFar) : y(day.used)}
              tone="day"
            />
            {index % labelEvery === 0 && (
              <text className="chart-label" x={LEFT + (index + 0.5) * slot} y={HEIGHT - 8} textAnchor="middle">
                {utcDayShort(day.date)}
              </text>
            )}
          </g>
        ))}
        {limit !== null && (
          <g>
            <line className="chart-limit" x1={LEFT} x2={width - RIGHT} y1={y(limit)} y2={y(limit)} />
            <text className="chart-limit-label" x={LEFT + 6} y={y(limit) - 6}>
              {texts.usage.limitLine(limit)}
            </text>
          </g>
        )}
      </svg>
    </div>
  );
}

interface BarProps {
  readonly index: number;
  readonly slot: number;
  readonly from: number;
  readonly to: number;
  readonly tone: 'before' | 'day';
}

function Bar({ index, slot, from, to, tone }: BarProps) {
  if (from - to < 0.2) return null;
  const gap = Math.min(6, slot * 0.28);
  const height = Math.max(2, from - to);
  return (
    <rect
      className={`chart-bar ${tone}`}
      x={LEFT + index * slot + gap / 2}
      y={from - height}
      width={slot - gap}
      height={height}
      rx={tone === 'day' ? Math.min(3, slot / 4) : 0}
    />
  );
}

/** `12.5k`, so that it fits beside the chart. */
function short(number: number): string {
  return number < 10_000 ? count(number) : Intl.NumberFormat('en', { notation: 'compact' }).format(number);
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current) return;
    const measure = () => setWidth(Math.max(220, Math.floor(current.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
