import { randomBytes } from 'node:crypto';
import type { Cognito } from '../cognito/cognito.js';
import type { Pool, User } from '../cognito/pools.js';
import { Challenges } from '../cognito/sign-in/challenges.js';
import type { SandboxReply } from '../http.js';
import { codeField, form, link, newPasswordField, usernameField } from './form.js';
import { html } from './html.js';
import { type Page, type Problem, shown, type Visit } from './page.js';
import { attributeField, problemOf, type SignInPages, secretHash, typedName } from './sign-in-pages.js';

type Told = Pick<Page, 'problem' | 'notice'> & { readonly username: string; readonly session: string };

/** Creating an account, and confirming its address. */
export class SignUpPages {
  /** Those who have shown their password and lack but the code: they need not sign in again. */
  private readonly newcomers: Challenges<{ readonly sub: string }>;

  constructor(
    private readonly cognito: Cognito,
    private readonly signIn: SignInPages,
  ) {
    this.newcomers = new Challenges(cognito.pools, 'hosted-ui.newcomers');
  }

  page(visit: Visit, problem?: Problem): SandboxReply {
    const { asked, form: sent } = visit;
    const attributes = attributesFor(asked.pool).map((name) => attributeField(name, sent.get(name) ?? ''));
    const username = usernameField(asked.pool, sent.get('username') ?? asked.loginHint);
    const fields = [username, ...attributes, newPasswordField(asked.pool)];
    const content = html`${form(visit, { path: '/signup', submit: 'Create account', fields, problem })}
      <p class="more"><span>You have one? ${link('/login', visit, 'Sign in')}</span></p>`;
    return shown(visit, { title: 'Create an account', problem, content });
  }

  async signUp(visit: Visit): Promise<SandboxReply> {
    const { client, pool } = visit.asked;
    const Username = typedName(visit);
    const UserAttributes = attributesFor(pool).map((field) => ({
      Name: field.slice(field.indexOf('.') + 1),
      Value: visit.form.get(field)?.trim() ?? '',
    }));
    try {
      const reply = await this.cognito.operations.SignUp({
        ClientId: client.id,
        Username,
        Password: visit.form.get('password') ?? '',
        UserAttributes,
        ...secretHash(client, Username),
      });
      const user = this.cognito.pools.user(pool, Username);
      if (reply.UserConfirmed) return await this.signIn.enter(visit, user);
      return this.confirm(visit, user, sentTo(reply.CodeDeliveryDetails?.Destination));
    } catch (error) {
      return this.page(visit, problemOf(error));
    }
  }

  /** For somebody whose password was right. */
  confirm(visit: Visit, user: User, notice?: string): SandboxReply {
    const session = randomBytes(32).toString('base64url');
    this.newcomers.put(session, visit.asked.client, { sub: user.sub });
    return this.confirmPage(visit, { username: typedName(visit), session, notice });
  }

  confirmPage(visit: Visit, { username, session, ...told }: Told): SandboxReply {
    const hidden = { session, ...(username !== '' && { username }) };
    const fields = [...(username === '' ? [usernameField(visit.asked.pool, '')] : []), codeField()];
    const again = { path: '/resendCode', submit: 'Send a new code', fields: [], hidden, isQuiet: true } as const;
    const content = html`<p>Enter the code of six digits that we sent${username === '' ? '' : ` to ${username}`}.</p>
      ${form(visit, { path: '/confirmUser', submit: 'Confirm', fields, hidden, problem: told.problem })}
      ${username === '' ? null : form(visit, again)}
      <p class="more">${link('/login', visit, 'Back to sign in')}</p>`;
    return shown(visit, { title: 'Confirm your account', ...told, content });
  }

  async confirmed(visit: Visit): Promise<SandboxReply> {
    const { client, pool } = visit.asked;
    const { username, session, code } = this.sent(visit);
    try {
      const names = { ClientId: client.id, Username: username, ...secretHash(client, username) };
      await this.cognito.operations.ConfirmSignUp({ ...names, ConfirmationCode: code });
    } catch (error) {
      return this.confirmPage(visit, { username, session, problem: problemOf(error) });
    }
    const user = this.cognito.pools.user(pool, username);
    if (this.isNewcomer(visit, user, session)) return this.signIn.enter(visit, user);
    return this.signIn.page(visit, { username, notice: 'Your account is confirmed. Sign in with your password.' });
  }

  resend(visit: Visit): SandboxReply {
    const { client } = visit.asked;
    const { username, session } = this.sent(visit);
    try {
      const names = { ClientId: client.id, Username: username, ...secretHash(client, username) };
      const { CodeDeliveryDetails } = this.cognito.operations.ResendConfirmationCode(names);
      return this.confirmPage(visit, { username, session, notice: sentTo(CodeDeliveryDetails?.Destination) });
    } catch (error) {
      return this.confirmPage(visit, { username, session, problem: problemOf(error) });
    }
  }

  private sent({ form: sent }: Visit) {
    const [username = '', session = '', code = ''] = ['username', 'session', 'code'].map((name) =>
      sent.get(name)?.trim(),
    );
    return { username, session, code };
  }

  private isNewcomer({ asked }: Visit, user: User, session: string): boolean {
    try {
      this.newcomers.get(session, asked.client, ({ sub }) => sub === user.sub);
    } catch {
      return false; // too late, or another browser: the password has to be shown again
    }
    this.newcomers.drop(session);
    return true;
  }
}

/** Beside the username: what the pool requires, and the address that it verifies by itself. */
function attributesFor({ attributes, settings }: Pool): string[] {
  const named: readonly string[] = settings.UsernameAttributes ?? [];
  const verified: readonly string[] = named.length > 0 ? [] : (settings.AutoVerifiedAttributes ?? []);
  return attributes
    .filter(({ Name = '', Required }) => Name !== 'sub' && (Required || verified.includes(Name)))
    .map(({ Name = '' }) => Name)
    .filter((name) => !named.includes(name))
    .map((name) => `userAttributes.${name}`);
}

function sentTo(destination: string | undefined): string | undefined {
  return destination && `A code is on its way to ${destination}.`;
}
