import type * as sdk from '@aws-sdk/client-api-gateway';
import type { SandboxClock } from '../../sandbox-clock.js';
import { badRequest, invalidPatch, notFound, notModelled, slice } from '../replies.js';
import { newId } from '../tables.js';
import type { Deployment, RestApiRecord, Stage } from './definition.js';
import type { Drafts } from './drafts.js';
import { checkStageName } from './stages.js';

/** Deployments: an API as it was, which stages serve. A change to an API takes effect with its next deployment. */
export class Deployments {
  readonly operations = {
    CreateDeployment: (input: sdk.CreateDeploymentCommandInput) => this.create(input),
    GetDeployment: (input: sdk.GetDeploymentCommandInput) => this.get(input),
    GetDeployments: (input: sdk.GetDeploymentsCommandInput) => this.list(input),
    UpdateDeployment: (input: sdk.UpdateDeploymentCommandInput) => this.update(input),
    DeleteDeployment: (input: sdk.DeleteDeploymentCommandInput) => this.delete(input),
  };

  constructor(
    private readonly drafts: Drafts,
    private readonly clock: SandboxClock,
  ) {}

  create(input: sdk.CreateDeploymentCommandInput) {
    const { restApiId, stageName, description } = input;
    const api = this.drafts.api(restApiId);
    if (input.canarySettings) throw notModelled('Canary deployments are');
    if (stageName) checkStageName(stageName);
    checkMethods(api);
    const { resources, authorizers, apiKeySource, binaryMediaTypes, disableExecuteApiEndpoint, gatewayResponses } = api;
    const settings = { apiKeySource, binaryMediaTypes, disableExecuteApiEndpoint, gatewayResponses };
    const createdDate = this.clock.seconds();
    const deployment: Deployment = { id: newId(6), description, createdDate, resources, authorizers, ...settings };
    const deployed = { ...api, deployments: { ...api.deployments, [deployment.id]: deployment } };
    this.drafts.put(stageName ? staged(deployed, deployment, input) : deployed);
    return shown(deployment);
  }

  private get({ restApiId, deploymentId, embed = [] }: sdk.GetDeploymentCommandInput) {
    const deployment = this.existing(restApiId, deploymentId);
    if (!embed.includes('apisummary')) return shown(deployment);
    const summary = Object.values(deployment.resources).map(({ path, resourceMethods }) => [
      path,
      Object.fromEntries(Object.values(resourceMethods).map((method) => [method.httpMethod, method])),
    ]);
    return { ...shown(deployment), apiSummary: Object.fromEntries(summary) };
  }

  private list({ restApiId, ...request }: sdk.GetDeploymentsCommandInput) {
    const { items, position } = slice(Object.values(this.drafts.api(restApiId).deployments).reverse(), request);
    return { items: items.map(shown), position };
  }

  private update({ restApiId, deploymentId, patchOperations = [] }: sdk.UpdateDeploymentCommandInput) {
    const changed = patchOperations.reduce(described, this.existing(restApiId, deploymentId));
    const api = this.drafts.api(restApiId);
    this.drafts.put({ ...api, deployments: { ...api.deployments, [changed.id]: changed } });
    return shown(changed);
  }

  private delete({ restApiId, deploymentId }: sdk.DeleteDeploymentCommandInput): void {
    const { id } = this.existing(restApiId, deploymentId);
    const api = this.drafts.api(restApiId);
    if (Object.values(api.stages).some((stage) => stage.deploymentId === id))
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    const { [id]: _, ...deployments } = api.deployments;
    this.drafts.put({ ...api, deployments });
  }

  private existing(restApiId: string | undefined, deploymentId = ''): Deployment {
    const found = this.drafts.api(restApiId).deployments[deploymentId];
    if (!found) throw notFound('Invalid Deployment identifier specified');
    return found;
  }
}

/** The stage keeps its own settings and serves the new deployment. */
function staged(api: RestApiRecord, { id, createdDate }: Deployment, input: sdk.CreateDeploymentCommandInput) {
  const { stageName = '', stageDescription, variables, tracingEnabled } = input;
  const kept: Stage = api.stages[stageName] ?? {
    deploymentId: id,
    lastUpdatedDate: createdDate,
    stageName,
    description: stageDescription,
    createdDate,
    tags: {},
  };
  const stage = {
    ...kept,
    variables: variables ? { ...kept.variables, ...variables } : kept.variables,
    tracingEnabled: tracingEnabled ?? kept.tracingEnabled ?? false,
    deploymentId: id,
    lastUpdatedDate: createdDate,
  };
  return { ...api, stages: { ...api.stages, [stageName]: stage } };
}

function described(deployment: Deployment, { op = 'replace', path = '', value }: sdk.PatchOperation): Deployment {
  const allowed = op === 'replace' ? ['/description'] : [];
  if (!allowed.includes(path)) throw invalidPatch(op, path, allowed);
  return { ...deployment, description: value };
}

function checkMethods({ resources }: RestApiRecord): void {
  const methods = Object.values(resources).flatMap(({ resourceMethods }) => Object.values(resourceMethods));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ methodIntegration }) => !methodIntegration))
    throw badRequest('No integration defined for method');
}

function shown({ id, description, createdDate }: Deployment) {
  return { id, description, createdDate };
}
