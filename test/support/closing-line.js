/** Prints the one line that any reader or script can rely on, after Jest's own summary. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    console.log(`${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped`);
  }
}
