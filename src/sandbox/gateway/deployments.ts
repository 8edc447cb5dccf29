import type {
  CreateDeploymentCommandInput,
  CreateStageCommandInput,
  GetStageCommandInput,
  GetStagesCommandInput,
} from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../sandbox-clock.js';
import { badRequest, conflict, notFound } from './replies.js';
import type { Authorizer, Resource, RestApiRecord, RestApis } from './rest-apis.js';
import { type GatewayTables, newId } from './tables.js';

/** The API as it was when it was deployed: what later changes do not touch. */
export interface Deployment {
  readonly id: string;
  readonly description?: string | undefined;
  readonly createdDate: number;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
}

export interface Stage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string | undefined;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Deployments and the stages that serve them: a change to an API takes effect with its next deployment. */
export class Deployments {
  readonly operations = {
    CreateDeployment: (input: CreateDeploymentCommandInput) => this.create(input),
    CreateStage: (input: CreateStageCommandInput) => this.createStage(input),
    GetStage: (input: GetStageCommandInput) => this.stage(input),
    GetStages: (input: GetStagesCommandInput) => this.stages(input),
  };

  constructor(
    private readonly tables: GatewayTables,
    private readonly restApis: RestApis,
    private readonly clock: SandboxClock,
  ) {}

  create({ restApiId, stageName, description, stageDescription }: CreateDeploymentCommandInput) {
    const api = this.restApis.existing(restApiId);
    checkMethods(api);
    const seconds = this.clock.seconds();
    const { resources, authorizers } = api;
    const deployment: Deployment = { id: newId(6), description, createdDate: seconds, resources, authorizers };
    const deployed = { ...api, deployments: { ...api.deployments, [deployment.id]: deployment } };
    if (!stageName) this.tables.restApis.put(api.id, deployed);
    else {
      const kept = api.stages[stageName] ?? {
        stageName,
        description: stageDescription,
        createdDate: seconds,
        tags: {},
      };
      this.putStage(deployed, { ...kept, deploymentId: deployment.id, lastUpdatedDate: seconds });
    }
    return { id: deployment.id, description, createdDate: seconds };
  }

  private createStage({ restApiId, stageName = '', deploymentId = '', description, tags }: CreateStageCommandInput) {
    const api = this.restApis.existing(restApiId);
    if (api.stages[stageName]) throw conflict('Stage already exists');
    if (!api.deployments[deploymentId]) throw badRequest('Invalid deployment identifier specified');
    const seconds = this.clock.seconds();
    const dates = { createdDate: seconds, lastUpdatedDate: seconds };
    return shown(this.putStage(api, { stageName, deploymentId, description, ...dates, tags: tags ?? {} }));
  }

  private stage({ restApiId, stageName = '' }: GetStageCommandInput) {
    const stage = this.restApis.existing(restApiId).stages[stageName];
    if (!stage) throw notFound('Invalid stage identifier specified');
    return shown(stage);
  }

  private stages({ restApiId, deploymentId }: GetStagesCommandInput) {
    const stages = Object.values(this.restApis.existing(restApiId).stages);
    return { item: stages.filter((stage) => !deploymentId || stage.deploymentId === deploymentId).map(shown) };
  }

  private putStage(api: RestApiRecord, stage: Stage): Stage {
    this.tables.restApis.put(api.id, { ...api, stages: { ...api.stages, [stage.stageName]: stage } });
    return stage;
  }
}

function checkMethods({ resources }: RestApiRecord): void {
  const methods = Object.values(resources).flatMap(({ resourceMethods }) => Object.values(resourceMethods));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ methodIntegration }) => !methodIntegration))
    throw badRequest('No integration defined for method');
}

function shown(stage: Stage) {
  const cache = { cacheClusterEnabled: false, cacheClusterStatus: 'NOT_AVAILABLE' };
  return { ...stage, ...cache, methodSettings: {}, tracingEnabled: false };
}
