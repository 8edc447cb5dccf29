import TestRunner from 'jest-runner';

/** Jest's own runner, but it plays its suites one after the other and with nothing beside them. */
export default class OneAtATime extends TestRunner {
  isSerial = true;
}
