import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { SandboxFunction } from '../../../src/sandbox/gateway/data-plane/functions.js';
import { CREATORS } from './creators.js';
import { evaluated, holds, type Scope } from './intrinsics.js';
import { NOT_CREATED } from './not-created.js';
import type { Properties, Template } from './template-file.js';

export const STACK_NAME = 'turnpike';
const PSEUDO = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackName': STACK_NAME,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Where resources are made. */
export interface Place {
  readonly gateway: APIGatewayClient;
  readonly cognito: CognitoIdentityProviderClient;
  /** The functions of the sandbox, by name; those of the stack are added. */
  readonly functions: Record<string, SandboxFunction>;
  /** What stands for the code of the bundle, by handler. */
  readonly handlers: Readonly<Record<string, SandboxFunction>>;
}

/** A resource that was made: what `!Ref` and `!GetAtt` answer, and its properties as they were worked out. */
export interface Made {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Properties;
}

/** A template with its parameters, made on the sandbox as CloudFormation would: in the order of what refers to what. */
export class Stack {
  readonly made = new Map<string, Made>();
  readonly outputs = new Map<string, string>();
  private readonly scope: Omit<Scope, 'ref' | 'attribute'>;

  private constructor(
    readonly template: Template,
    parameters: Readonly<Record<string, string>>,
    private readonly place: Place,
  ) {
    this.scope = { parameters: withDefaults(template, parameters), pseudo: PSEUDO, template };
  }

  static async deploy(template: Template, parameters: Readonly<Record<string, string>>, place: Place): Promise<Stack> {
    const stack = new Stack(template, parameters, place);
    stack.checkRules();
    for (const id of Object.keys(template.Resources)) if (stack.isWanted(id)) await stack.make(id, []);
    for (const [name, { Condition, Value }] of Object.entries(template.Outputs)) {
      if (Condition === undefined || holds({ Condition }, stack.scope)) {
        stack.outputs.set(name, String(await evaluated(Value, stack.scopeFor([`Outputs.${name}`]))));
      }
    }
    return stack;
  }

  resource(id: string): Made {
    const made = this.made.get(id);
    if (!made) throw new Error(`The stack has no ${id}`);
    return made;
  }

  /** What a function is told, its secrets read. */
  environmentOf(functionId: string): Record<string, string> {
    const { Variables } = Object(this.resource(functionId).properties.Environment) as { Variables: Properties };
    return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, this.read(String(value))]));
  }

  private isWanted(id: string): boolean {
    const { Condition } = this.template.Resources[id] ?? {};
    return Condition === undefined || holds({ Condition }, this.scope);
  }

  private async make(id: string, path: readonly string[]): Promise<Made> {
    const made = this.made.get(id);
    if (made) return made;
    if (path.includes(id)) throw new Error(`Circular dependency: ${[...path, id].join(' → ')}`);
    const resource = this.template.Resources[id];
    if (!resource) throw new Error(`${path.at(-1)} refers to ${id}, which is not there`);
    if (!this.isWanted(id)) throw new Error(`${path.at(-1)} refers to ${id}, which ${resource.Condition} leaves out`);
    const here = [...path, id];
    for (const other of [resource.DependsOn ?? []].flat()) if (this.isWanted(other)) await this.make(other, here);
    const { Type } = resource;
    const create = CREATORS[Type];
    if (!create && !NOT_CREATED[Type]) throw new Error(`The loader does not know the type ${Type}`);
    const own =
      Type === 'AWS::Serverless::Function' ? withGlobals(this.template, resource.Properties) : resource.Properties;
    const properties = Object(await evaluated(own, this.scopeFor(here))) as Properties;
    const created = create ? await create(properties, this.place) : nameOnly(id);
    this.made.set(id, { ...created, properties });
    return this.resource(id);
  }

  private scopeFor(path: readonly string[]): Scope {
    return {
      ...this.scope,
      ref: async (name) => {
        const [id = '', part] = name.split('.');
        const { ref, attributes } = await this.make(id, path);
        return part ? known(attributes, id, part) : ref;
      },
      attribute: async (id, name) => known((await this.make(id, path)).attributes, id, name),
    };
  }

  private checkRules(): void {
    for (const { RuleCondition, Assertions } of Object.values(this.template.Rules)) {
      if (RuleCondition !== undefined && !holds(RuleCondition, this.scope)) continue;
      const broken = Assertions.find(({ Assert }) => !holds(Assert, this.scope));
      if (broken) throw new Error(broken.AssertDescription);
    }
  }

  private read(value: string): string {
    return value.replace(/\{\{resolve:secretsmanager:(.+):SecretString\}\}/, (_, arn: string) => {
      const secret = [...this.made.values()].find(({ ref }) => ref === arn);
      return secret?.attributes.SecretString ?? '';
    });
  }
}

function known(attributes: Made['attributes'], id: string, name: string): string {
  const value = attributes[name];
  if (value === undefined) throw new Error(`The loader knows no ${name} of ${id}`);
  return value;
}

/** What is not made has a name all the same, so that others can refer to it. */
function nameOnly(id: string): Omit<Made, 'properties'> {
  return { ref: id, attributes: { Arn: `arn:aws:stack:::${id}` } };
}

/** What SAM does with `Globals`: a function's own settings stand over them, its variables beside them. */
function withGlobals({ Globals }: Template, own: Properties = {}): Properties {
  const variables = (from: Properties) => Object(Object(from.Environment).Variables);
  const Variables = { ...variables(Globals.Function), ...variables(own) };
  return { ...Globals.Function, ...own, Environment: { Variables } };
}

function withDefaults({ Parameters }: Template, given: Readonly<Record<string, string>>): Record<string, string> {
  const unknown = Object.keys(given).find((name) => !Parameters[name]);
  if (unknown) throw new Error(`There is no parameter ${unknown}`);
  const entries = Object.entries(Parameters).map(([name, { Default, AllowedPattern, AllowedValues }]) => {
    const value = given[name] ?? (Default === undefined ? undefined : String(Default));
    if (value === undefined) throw new Error(`Parameter ${name} is missing`);
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
      throw new Error(`Parameter ${name} is not of the pattern ${AllowedPattern}`);
    if (AllowedValues && !AllowedValues.map(String).includes(value))
      throw new Error(`Parameter ${name} is none of ${AllowedValues.join(', ')}`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}
