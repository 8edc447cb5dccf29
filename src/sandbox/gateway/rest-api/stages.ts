import type * as sdk from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../../sandbox-clock.js';
import { badRequest, conflict, notFound, notModelled } from '../replies.js';
import { checkTags } from '../tags.js';
import type { RestApiRecord, Stage } from './definition.js';
import type { Drafts } from './drafts.js';
import { patchedStage } from './stage-patch.js';

/** Stages: the names under which deployments are served. */
export class Stages {
  readonly operations = {
    CreateStage: (input: sdk.CreateStageCommandInput) => this.create(input),
    GetStage: ({ restApiId, stageName }: sdk.GetStageCommandInput) => shown(this.existing(restApiId, stageName)),
    GetStages: (input: sdk.GetStagesCommandInput) => this.list(input),
    UpdateStage: (input: sdk.UpdateStageCommandInput) => this.update(input),
    DeleteStage: (input: sdk.DeleteStageCommandInput) => this.delete(input),
  };

  constructor(
    private readonly drafts: Drafts,
    private readonly clock: SandboxClock,
  ) {}

  existing(restApiId: string | undefined, stageName = ''): Stage {
    const stage = this.drafts.api(restApiId).stages[stageName];
    if (!stage) throw notFound('Invalid stage identifier specified');
    return stage;
  }

  private create(input: sdk.CreateStageCommandInput) {
    const { restApiId, stageName = '', deploymentId = '', description, tags = {} } = input;
    const api = this.drafts.api(restApiId);
    checkStageName(stageName);
    checkTags(tags);
    if (api.stages[stageName]) throw conflict('Stage already exists');
    if (!api.deployments[deploymentId]) throw badRequest('Invalid deployment identifier specified');
    if (input.canarySettings || input.cacheClusterEnabled) throw notModelled('Canaries and cache clusters are');
    const seconds = this.clock.seconds();
    return this.put(api, {
      stageName,
      deploymentId,
      description,
      variables: input.variables,
      documentationVersion: input.documentationVersion,
      tracingEnabled: input.tracingEnabled ?? false,
      createdDate: seconds,
      lastUpdatedDate: seconds,
      tags,
    });
  }

  private list({ restApiId, deploymentId }: sdk.GetStagesCommandInput) {
    const stages = Object.values(this.drafts.api(restApiId).stages);
    return { item: stages.filter((stage) => !deploymentId || stage.deploymentId === deploymentId).map(shown) };
  }

  private update({ restApiId, stageName, patchOperations = [] }: sdk.UpdateStageCommandInput) {
    const stage = patchOperations.reduce(patchedStage, this.existing(restApiId, stageName));
    const api = this.drafts.api(restApiId);
    if (!api.deployments[stage.deploymentId]) throw badRequest('Invalid deployment identifier specified');
    return this.put(api, { ...stage, lastUpdatedDate: this.clock.seconds() });
  }

  private delete({ restApiId, stageName }: sdk.DeleteStageCommandInput): void {
    const stage = this.existing(restApiId, stageName);
    const api = this.drafts.api(restApiId);
    const { [stage.stageName]: _, ...stages } = api.stages;
    this.drafts.put({ ...api, stages });
  }

  private put(api: RestApiRecord, stage: Stage) {
    this.drafts.put({ ...api, stages: { ...api.stages, [stage.stageName]: stage } });
    return shown(stage);
  }
}

export function checkStageName(name: string): void {
  if (!/^[\w-]{1,128}$/.test(name)) throw badRequest('Stage name only allows a-zA-Z0-9_-');
}

function shown({ tags, ...stage }: Stage) {
  const cache = { cacheClusterEnabled: false, cacheClusterStatus: 'NOT_AVAILABLE' };
  const defaults = { ...cache, methodSettings: {}, tracingEnabled: false };
  return { ...defaults, ...stage, ...(Object.keys(tags).length > 0 && { tags }) };
}
