import type { UsagePlan } from '../../src/aws/usage-plans.js';
import { type Person, type PlanCode, planFor } from './account.js';
import { Belongings } from './belongings.js';
import type { Cloud } from './cloud.js';
import type { Act } from './history.js';

export const RENAMED = 'renamed by hand';
const FOREIGN_PLAN = 'partners';

/** What a person does in the AWS console, past Turnpike. */
export function byHand(act: Act, person: Person, cloud: Cloud): void {
  const { current } = new Belongings(cloud, person.sub);
  const keyId = current?.id ?? 'no-such-key';
  switch (act.do) {
    case 'delete user':
      cloud.deleteUser(person.username, true);
      return;
    case 'register again':
      cloud.registerAgain(act.who ?? 0);
      return;
    case 'disable user':
    case 'enable user':
      cloud.changeUser(person.username, {}, act.do === 'enable user');
      return;
    case 'delete key by hand':
      cloud.deleteKey(keyId);
      return;
    case 'disable key by hand':
      cloud.changeKey(keyId, { enabled: false }, true);
      return;
    case 'rename key by hand':
      cloud.changeKey(keyId, { name: RENAMED }, true);
      return;
    case 'put key into foreign plan':
      cloud.detach(cloud.account.planOf.get(keyId) ?? '', keyId);
      cloud.attach(FOREIGN_PLAN, keyId);
      return;
    case 'take key out of foreign plan':
      cloud.detach(FOREIGN_PLAN, keyId);
      return;
    case 'edit plan by hand':
      cloud.changeUser(person.username, { 'custom:plan': act.plan });
      return;
    case 'untag plan':
    case 'duplicate plan':
    case 'tag plan again':
      cloud.changePlans((plans) => changed(plans, act.do, act.plan));
      return;
    default:
  }
}

function changed(plans: readonly UsagePlan[], what: Act['do'], code: PlanCode): readonly UsagePlan[] {
  const others = plans.filter(({ id }) => id !== code && id !== `${code}-copy`);
  const plan = planFor(code, code);
  if (what === 'untag plan') return [...others, { ...plan, tags: {} }];
  return what === 'duplicate plan' ? [...others, plan, planFor(`${code}-copy`, code)] : [...others, plan];
}
