import type { Page, Request } from 'playwright-core';
import type { GraphqlError } from './customer.js';

interface Reply {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

/** The playground as the person in front of it uses it. */
export class Playground {
  constructor(
    readonly page: Page,
    private readonly server: string,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(`${this.server}/graphql`);
    await this.page.getByRole('button', { name: 'Execute query' }).waitFor();
  }

  /** From the playground to the hosted pages, and back. */
  async signIn(username: string, password: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByLabel('Email').fill(username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.isShown(username);
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.isShown('Not signed in.');
  }

  /** The line says who is signed in, and GraphiQL is there. */
  async isShown(who: string): Promise<void> {
    await this.page.locator('#who', { hasText: who }).waitFor();
    await this.page.getByRole('button', { name: 'Execute query' }).waitFor();
  }

  async who(): Promise<string> {
    return (await this.page.locator('#who').textContent()) ?? '';
  }

  /** Takes an operation from the collection into a tab of its own. */
  async choose(name: string): Promise<void> {
    const pane = this.page.getByRole('region', { name: 'Operations' });
    await pane
      .getByRole('button')
      .filter({ has: this.page.getByText(name, { exact: true }) })
      .click();
    await this.page.locator('.graphiql-tab-active', { hasText: name }).waitFor();
  }

  tabs(): Promise<string[]> {
    return this.page.locator('.graphiql-tab-button').allTextContents();
  }

  /** GraphiQL writes down what is in its tabs a moment after it was put there. */
  async hasKept(text: string): Promise<void> {
    const isKept = `JSON.stringify({ ...localStorage }).includes(${JSON.stringify(text)})`;
    await this.page.evaluate(
      `new Promise((kept) => { const look = () => (${isKept} ? kept() : requestAnimationFrame(look)); look(); })`,
    );
  }

  async variables(): Promise<Record<string, unknown>> {
    const text = await this.page.evaluate<string>(`${VARIABLES}.getValue()`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Fills in some of the variables that the operation has come with. */
  async fillIn(variables: Record<string, unknown>): Promise<void> {
    const filled = JSON.stringify({ ...(await this.variables()), ...variables });
    await this.page.evaluate(`${VARIABLES}.setValue(${JSON.stringify(filled)})`);
  }

  /** Sends what is in the tab, and answers what came back. */
  async send(): Promise<Reply> {
    const answered = this.page.waitForResponse((response) => isSentByHand(response.request()));
    await this.page.getByRole('button', { name: 'Execute query' }).click();
    return (await (await answered).json()) as Reply;
  }
}

const VARIABLES = 'document.querySelector(\'[aria-label="Variables"] .CodeMirror\').CodeMirror';

function isSentByHand(request: Request): boolean {
  return request.method() === 'POST' && request.url().endsWith('/graphql') && !request.postData()?.includes('__schema');
}
