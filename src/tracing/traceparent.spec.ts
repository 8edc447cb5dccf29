import { describe, expect, it } from '@jest/globals';
import { traceParentOf } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it('names the trace, the span, and whether the trace is kept', () => {
    expect(traceParentOf(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(traceParentOf(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ isSampled: false });
    expect(traceParentOf(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ isSampled: true });
  });

  it('of a later version may say more', () => {
    expect(traceParentOf(`01-${TRACE}-${SPAN}-01-more`)).toMatchObject({ traceId: TRACE });
  });

  it.each([
    ['is not there', undefined],
    ['is no text', [`00-${TRACE}-${SPAN}-01`, 'x']],
    ['is of the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['says more than its version has', `00-${TRACE}-${SPAN}-01-more`],
    ['names no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['names no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['is in capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['is too long', `00-${TRACE}0-${SPAN}-01`],
  ])('that %s is as none', (_, header) => expect(traceParentOf(header)).toBeNull());
});
