import type { Resource } from '../rest-api/definition.js';
import type { Call, RoutedCall } from './call.js';
import { Refusal } from './refusal.js';

/** Finds the method a call means: literal parts win over `{parameters}`, and those over `{proxy+}`. */
export function routed(call: Call): RoutedCall {
  const segments = call.path.split('/').slice(1);
  const parts = segments.filter((part, at) => part !== '' || at < segments.length - 1);
  const resource = resourceAt(Object.values(call.deployment.resources), parts);
  const method = resource?.resourceMethods[call.request.method] ?? resource?.resourceMethods.ANY;
  if (!resource || !method)
    throw new Refusal(
      'MISSING_AUTHENTICATION_TOKEN',
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    );
  return { ...call, resource, method, pathParameters: parametersOf(resource, parts) };
}

function resourceAt(resources: readonly Resource[], segments: readonly string[]): Resource | undefined {
  let best: Resource | undefined;
  for (const resource of resources) {
    if (!fits(partsOf(resource), segments)) continue;
    if (!best || rank(resource) < rank(best)) best = resource;
  }
  return best;
}

function partsOf({ path }: Resource): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  const isGreedy = parts.at(-1)?.endsWith('+}') ?? false;
  if (isGreedy ? segments.length < parts.length : segments.length !== parts.length) return false;
  return parts.every((part, at) => part.startsWith('{') || part === segments[at]);
}

function rank(resource: Resource): string {
  return partsOf(resource)
    .map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0'))
    .join('');
}

/** Their values stay percent-encoded. */
function parametersOf(resource: Resource, segments: readonly string[]): Record<string, string> {
  const found = partsOf(resource).flatMap((part, at): [string, string][] => {
    if (part.endsWith('+}')) return [[part.slice(1, -2), segments.slice(at).join('/')]];
    return part.startsWith('{') ? [[part.slice(1, -1), segments[at] ?? '']] : [];
  });
  return Object.fromEntries(found);
}
