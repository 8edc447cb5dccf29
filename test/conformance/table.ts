import type { Cloud } from './cloud.js';
import { COGNITO } from './cognito/table.js';
import { openWithTriggers, TRIGGERS } from './cognito/triggers.js';
import { CognitoWorld } from './cognito-rows.js';
import { GATEWAY } from './gateway/table.js';
import { World } from './gateway-rows.js';
import { HOSTED_UI } from './hosted-ui/table.js';
import { HostedWorld } from './hosted-ui/world.js';
import { IAM, openUnderPolicies } from './iam/rows.js';
import type { Need, Row, Section } from './row.js';

/** A row that has forgotten which kind of world it is run in. */
export type Fact = Omit<Row<never>, 'run' | 'needs'> & {
  readonly needs: readonly Need[];
  readonly run: (cloud: Cloud) => Promise<unknown>;
};

export interface Chapter {
  readonly title: string;
  readonly sections: readonly { readonly title: string; readonly facts: readonly Fact[] }[];
}

function chapter<W>(title: string, open: (cloud: Cloud) => Promise<W>, sections: readonly Section<W>[]): Chapter {
  const fact = ({ run, needs = [], ...row }: Row<W>): Fact => ({
    ...row,
    needs,
    run: async (cloud) => run(await cloud.world(open)),
  });
  return { title, sections: sections.map(({ title, rows }) => ({ title, facts: rows.map(fact) })) };
}

/** All that is known, believed or chosen about AWS here: one table, to be run on every cloud and to be printed. */
export const TABLE: readonly Chapter[] = [
  chapter('API Gateway', World.open, GATEWAY),
  chapter('Amazon Cognito', CognitoWorld.open, COGNITO),
  chapter('Triggers of a user pool', openWithTriggers, TRIGGERS),
  chapter('The domain of a user pool', HostedWorld.open, HOSTED_UI),
  chapter('IAM before both services', openUnderPolicies, IAM),
];

export const FACTS: readonly Fact[] = TABLE.flatMap(({ sections }) => sections.flatMap(({ facts }) => facts));
