import type { Stage } from '../../../aws/inspection/account-inspection.js';
import type { RejectedCode } from '../../../plans/plan-catalogue.service.js';
import { answered, type Expected, type Facts, type OfferedPlan } from '../facts.js';
import type { Finding } from '../finding.js';

/** Every plan of ours must resolve, and let its keys call an API that is there. */
export function plansOnOffer(facts: Facts, expected: Expected): Finding[] {
  const { offered, rejected } = answered(facts.plans) ?? { offered: [], rejected: [] };
  const stages = answered(facts.stagesByPlan);
  const missing = answered(facts.missingStages) ?? [];
  return [
    ...rejected.map((code) => unresolvable(code, expected)),
    ...(facts.plans.kind === 'known' ? nobodysDefault(offered, expected) : []),
    ...offered.flatMap((plan) => (stages ? ofStages(plan, stages.get(plan.id) ?? [], missing, expected) : [])),
  ];
}

function unresolvable({ code, planIds }: RejectedCode, { region, keyPrefix }: Expected): Finding {
  const [first = ''] = planIds;
  const tag = (id: string) => `--region ${region} --resource-arn arn:aws:apigateway:${region}::/usageplans/${id}`;
  if (planIds.length === 1)
    return {
      name: 'plan-code',
      what: `Usage plan ${first} has the tag ${keyPrefix}:plan with "${code}", which is no code: a-z, 0-9 and -, at most 32.`,
      why: 'It is ignored: nobody can subscribe to it, and nothing is changed for those who have it.',
      mend: `aws apigateway tag-resource ${tag(first)} --tags ${keyPrefix}:plan=<code>`,
    };
  return {
    name: 'plan-code',
    what: `Usage plans ${planIds.join(' and ')} have the same code, "${code}".`,
    why: 'None of them is used while that is so, and nothing is changed for customers on them.',
    mend: `Take the tag from all but one, as in:\naws apigateway untag-resource ${tag(planIds.at(-1) ?? '')} --tag-keys ${keyPrefix}:plan`,
  };
}

function nobodysDefault(offered: readonly OfferedPlan[], { defaultPlan }: Expected): Finding[] {
  if (defaultPlan === null || offered.some(({ code }) => code === defaultPlan)) return [];
  const what = `DEFAULT_PLAN names "${defaultPlan}", and there is no such plan.`;
  const why = 'Whoever signs up gets none.';
  return [
    { name: 'plan-code', what, why, mend: 'Set DEFAULT_PLAN to the code of a plan that there is, or leave it out.' },
  ];
}

function ofStages(
  { id, code }: OfferedPlan,
  stages: readonly Stage[],
  missing: readonly Stage[],
  { region }: Expected,
): Finding[] {
  const update = (op: 'add' | 'remove', value: string) =>
    `aws apigateway update-usage-plan --region ${region} --usage-plan-id ${id} --patch-operations op=${op},path=/apiStages,value=${value}`;
  if (stages.length === 0) {
    const what = `Plan "${code}" (${id}) is for no API stage.`;
    const why = 'A key on it can call nothing, and a customer who chooses it has paid for nothing.';
    return [{ name: 'plan-stage', what, why, mend: update('add', '<API id>:<stage>') }];
  }
  const isMissing = ({ apiId, name }: Stage) => missing.some((stage) => stage.apiId === apiId && stage.name === name);
  return stages.filter(isMissing).map(({ apiId, name }) => ({
    name: 'plan-stage',
    what: `Plan "${code}" (${id}) is for stage ${name} of API ${apiId}, which does not exist.`,
    why: 'Keys on the plan are refused wherever the API moved to.',
    mend: `${update('remove', `${apiId}:${name}`)}\n${update('add', '<API id>:<stage>')}`,
  }));
}
