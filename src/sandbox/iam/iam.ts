import { ACCOUNT_ID } from '../gateway/rest-api/drafts.js';
import type { ServiceCall, ServiceHabits } from '../habits/service-habits.js';
import { ServiceFailure } from '../wire.js';
import { needsOf } from './needs.js';
import { type Judgement, PolicyDocument } from './policy-document.js';

/** By access key id: the policy or policies of whoever signs with it. Whoever is not named may do everything. */
export type Policies = Readonly<Record<string, unknown>>;

const CREDENTIAL = /Credential=([^/,\s]+)\/\d+\/([a-z0-9-]+)\//;
const WHY: Readonly<Record<Exclude<Judgement, 'allowed'>, (action: string) => string>> = {
  'not allowed': (action) => `because no identity-based policy allows the ${action} action`,
  denied: () => 'with an explicit deny in an identity-based policy',
};

/** Refuses calls that the caller's policy does not allow, in the services' own words. */
export class Iam {
  private readonly policies: ReadonlyMap<string, readonly PolicyDocument[]>;

  constructor(policies: Policies) {
    const read = Object.entries(policies).map(
      ([id, given]) => [id, [given].flat().map((one) => new PolicyDocument(one))] as const,
    );
    this.policies = new Map(read);
  }

  /** The habits behind a gate: what is refused here has not even reached the service. */
  before(habits: ServiceHabits): ServiceHabits {
    if (this.policies.size === 0) return habits;
    return {
      get settings() {
        return habits.settings;
      },
      around: async (call, run) => {
        this.admit(call);
        return habits.around(call, run);
      },
      propagated: () => habits.propagated(),
    };
  }

  private admit(call: ServiceCall): void {
    const [, accessKeyId = '', region = ''] = CREDENTIAL.exec(call.request.headers.authorization ?? '') ?? [];
    const policies = this.policies.get(accessKeyId);
    if (!policies) return;
    for (const { action, resource } of needsOf(call, region)) {
      const judgement = judged(policies, action, resource);
      if (judgement === 'allowed') continue;
      const who = `arn:aws:iam::${ACCOUNT_ID}:user/${accessKeyId}`;
      const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${WHY[judgement](action)}`;
      throw new ServiceFailure('AccessDeniedException', message, call.service === 'gateway' ? 403 : 400);
    }
  }
}

function judged(policies: readonly PolicyDocument[], action: string, resource: string): Judgement {
  const judgements = policies.map((policy) => policy.judge(action, resource));
  if (judgements.includes('denied')) return 'denied';
  return judgements.includes('allowed') ? 'allowed' : 'not allowed';
}
