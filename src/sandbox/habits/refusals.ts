import { ServiceFailure } from '../wire.js';
import type { ServiceName } from './service-habits.js';

/** How each service says that it is called too often, that it is ill, and that two changes met. */

export function tooManyRequests(service: ServiceName, headers: Readonly<Record<string, string>> = {}): ServiceFailure {
  if (service === 'gateway') return new ServiceFailure('TooManyRequestsException', 'Too Many Requests', 429, headers);
  return new ServiceFailure(
    service === 'kms' ? 'ThrottlingException' : 'TooManyRequestsException',
    'Rate exceeded',
    400,
  );
}

export function unavailable(service: ServiceName): ServiceFailure {
  if (service === 'gateway') return new ServiceFailure('ServiceUnavailableException', 'Service Unavailable', 503);
  const type = service === 'kms' ? 'KMSInternalException' : 'InternalErrorException';
  return new ServiceFailure(type, 'Internal server error', 500);
}

/** Only API Gateway says so: Cognito has no such failure for what a user's attributes are. */
export function concurrentModification(): ServiceFailure {
  const message = 'Unable to complete operation due to concurrent modification. Please try again later.';
  return new ServiceFailure('ConflictException', message, 409);
}
