import { createHmac } from 'node:crypto';
import type { Cognito } from '../cognito/cognito.js';
import type { Client, User } from '../cognito/pools.js';
import { NewPassword } from '../cognito/sign-in/new-password.js';
import type { SandboxReply } from '../http.js';
import { ServiceFailure } from '../wire.js';
import type { BrowserSessions } from './browser-sessions.js';
import { type Field, form, link, newPasswordField, usernameField } from './form.js';
import type { Grants } from './grants.js';
import { html } from './html.js';
import { type Page, type Problem, seeOther, shown, type Visit } from './page.js';

/** Where a right password leads that does not open the door yet. */
export interface Detours {
  /** To the code that was mailed at sign-up. */
  confirm(visit: Visit, user: User): SandboxReply;
  /** To a new password, because an administrator has reset the old one. */
  reset(visit: Visit, username: string): SandboxReply;
}

type Told = Pick<Page, 'problem' | 'notice'> & { readonly username?: string };

const ATTRIBUTE = 'userAttributes.';

/** Signing in by password, and choosing one's own after a temporary one. */
export class SignInPages {
  private readonly newPassword: NewPassword;

  constructor(
    private readonly cognito: Cognito,
    private readonly sessions: BrowserSessions,
    private readonly grants: Grants,
  ) {
    this.newPassword = new NewPassword(cognito.pools, cognito.passwords);
  }

  page(visit: Visit, { username = visit.asked.loginHint, ...told }: Told = {}): SandboxReply {
    const { pool } = visit.asked;
    const password: Field = { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' };
    const fields = [usernameField(pool, username), password];
    const isOpen = !pool.settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly;
    const content = html`${form(visit, { path: '/login', submit: 'Sign in', fields, problem: told.problem })}
      <p class="more">
        ${link('/forgotPassword', visit, 'Forgot your password?')}
        ${isOpen ? link('/signup', visit, 'Create an account') : null}
      </p>`;
    return shown(visit, { title: 'Sign in', ...told, content });
  }

  async signIn(visit: Visit, detours: Detours): Promise<SandboxReply> {
    const { client, pool } = visit.asked;
    const username = typedName(visit);
    try {
      const user = await this.cognito.signIn.userBehind(client, username, visit.form.get('password') ?? '');
      return user.status === 'FORCE_CHANGE_PASSWORD' ? this.ask(visit, user) : await this.enter(visit, user);
    } catch (error) {
      const problem = problemOf(error);
      const user = this.cognito.pools.findUser(pool, username);
      if (user && isFailure(error, 'UserNotConfirmedException')) return detours.confirm(visit, user);
      if (user && isFailure(error, 'PasswordResetRequiredException')) return detours.reset(visit, username);
      return this.page(visit, { username, problem });
    }
  }

  /** Back to the app, with what it asked for and with a cookie for the next time. */
  async enter({ asked }: Visit, user: User): Promise<SandboxReply> {
    const location = await this.grants.give(asked, user);
    return seeOther(location, { 'set-cookie': this.sessions.begin(user) });
  }

  async changePassword(visit: Visit): Promise<SandboxReply> {
    const { client, pool } = visit.asked;
    const username = typedName(visit);
    const attributes = [...visit.form].filter(([name]) => name.startsWith(ATTRIBUTE));
    const answers = { ...Object.fromEntries(attributes), NEW_PASSWORD: visit.form.get('password') ?? '' };
    const session = visit.form.get('session') ?? '';
    try {
      const user = this.cognito.pools.findUser(pool, username);
      return await this.enter(visit, await this.newPassword.answered(client, user, session, answers));
    } catch (error) {
      const problem = problemOf(error);
      if (isFailure(error, 'NotAuthorizedException')) return this.page(visit, { username, problem });
      const names = attributes.map(([name]) => name);
      return this.newPasswordPage(visit, { username, session, names, problem });
    }
  }

  private ask(visit: Visit, user: User): SandboxReply {
    const { Session: session = '', ChallengeParameters } = this.newPassword.ask(visit.asked.client, user);
    const names = JSON.parse(ChallengeParameters?.requiredAttributes ?? '[]') as string[];
    return this.newPasswordPage(visit, { username: typedName(visit), session, names });
  }

  private newPasswordPage(visit: Visit, page: NewPasswordPage): SandboxReply {
    const { username, session, names, problem } = page;
    const fixed = { ...usernameField(visit.asked.pool, username), isFixed: true } as const;
    const missing = names.map((name) => attributeField(name, visit.form.get(name) ?? ''));
    const content = html`<p>Your password was a temporary one. Choose your own.</p>
      ${form(visit, {
        path: '/changePassword',
        submit: 'Change password',
        fields: [fixed, ...missing, newPasswordField(visit.asked.pool, 'New password')],
        hidden: { session },
        problem,
      })}`;
    return shown(visit, { title: 'Change password', problem, content });
  }
}

interface NewPasswordPage {
  readonly username: string;
  readonly session: string;
  /** Of attributes that the pool requires and the user lacks. */
  readonly names: readonly string[];
  readonly problem?: Problem;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  NotAuthorizedException: ['username', 'password'],
  UserNotFoundException: ['username'],
  UsernameExistsException: ['username'],
  AliasExistsException: ['username'],
  InvalidPasswordException: ['password'],
  CodeMismatchException: ['code'],
  ExpiredCodeException: ['code'],
};

/** What users are told of a failure. Anything but a refusal of the service is a fault, and passes. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof ServiceFailure) || error.status >= 500) throw error;
  return { message: error.message.trim(), fields: FIELDS[error.type] ?? [] };
}

export function typedName({ form: sent }: Visit): string {
  return sent.get('username')?.trim() ?? '';
}

export function isFailure(error: unknown, type: string): boolean {
  return error instanceof ServiceFailure && error.type === type;
}

/** The pages prove the client's secret in the user's place. */
export function secretHash({ id, secret }: Client, username: string): { SecretHash?: string } {
  if (secret === null) return {};
  return { SecretHash: createHmac('sha256', secret).update(`${username}${id}`).digest('base64') };
}

const AUTOCOMPLETE: Readonly<Record<string, string>> = {
  email: 'email',
  phone_number: 'tel',
  name: 'name',
  given_name: 'given-name',
  family_name: 'family-name',
};

/** A field for an attribute, named as the challenge and the forms name it. */
export function attributeField(field: string, value: string): Field {
  const name = field.slice(ATTRIBUTE.length);
  const words = name.replace(/^custom:/, '').replaceAll('_', ' ');
  const label = words.charAt(0).toUpperCase() + words.slice(1);
  const common = { name: field, label, value, autocomplete: AUTOCOMPLETE[name] ?? 'off' };
  if (name === 'email') return { ...common, type: 'email' };
  return name === 'phone_number' ? { ...common, type: 'tel', hint: 'As +15551234567' } : common;
}
