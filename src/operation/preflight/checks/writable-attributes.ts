import type { AppClient } from '../../../aws/inspection/account-inspection.js';
import { answered, type Expected, type Facts } from '../facts.js';
import type { Finding } from '../finding.js';
import { mendClient, nameOf } from './client-command.js';

/** No app client may write what says which plan a customer is on. */
export function writableAttributes(facts: Facts, expected: Expected): Finding[] {
  return (answered(facts.clients) ?? []).flatMap((client) => {
    const what = whatIsWrong(client, expected.attributeNames);
    return what === null
      ? []
      : [{ name: 'writable-attributes' as const, what, why, mend: mendClient(client, facts, expected) }];
  });
}

const why =
  'Whoever signs in or signs up through this client may set them: give themselves calls, lift a suspension, or make ' +
  'Turnpike stop looking after them.';

function whatIsWrong(client: AppClient, ours: readonly string[]): string | null {
  if (client.writeAttributes === null)
    return `${nameOf(client)} has no list of write attributes, so it may write attributes that are Turnpike's.`;
  const writable = client.writeAttributes.filter((name) => ours.includes(name));
  return writable.length > 0 ? `${nameOf(client)} may write ${writable.join(', ')}.` : null;
}
