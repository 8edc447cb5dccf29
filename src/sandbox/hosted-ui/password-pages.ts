import type { Cognito } from '../cognito/cognito.js';
import type { SandboxReply } from '../http.js';
import { codeField, form, link, newPasswordField, usernameField } from './form.js';
import { html } from './html.js';
import { type Page, type Problem, shown, type Visit } from './page.js';
import { problemOf, type SignInPages, secretHash, typedName } from './sign-in-pages.js';

/** A new password for somebody who forgot theirs, against a code that is mailed. */
export class PasswordPages {
  constructor(
    private readonly cognito: Cognito,
    private readonly signIn: SignInPages,
  ) {}

  page(visit: Visit, problem?: Problem): SandboxReply {
    const { asked, form: sent } = visit;
    const fields = [usernameField(asked.pool, sent.get('username') ?? asked.loginHint)];
    const content = html`<p>We send you a code with which you can choose a new one.</p>
      ${form(visit, { path: '/forgotPassword', submit: 'Send the code', fields, problem })}
      <p class="more">${link('/login', visit, 'Back to sign in')}</p>`;
    return shown(visit, { title: 'Forgot your password?', problem, content });
  }

  send(visit: Visit): SandboxReply {
    const { client } = visit.asked;
    const Username = typedName(visit);
    try {
      const names = { ClientId: client.id, Username, ...secretHash(client, Username) };
      const { CodeDeliveryDetails } = this.cognito.operations.ForgotPassword(names);
      const notice = `A code is on its way to ${CodeDeliveryDetails?.Destination}.`;
      return this.resetPage(visit, Username, { notice });
    } catch (error) {
      return this.page(visit, problemOf(error));
    }
  }

  resetPage(visit: Visit, username: string, told: Pick<Page, 'problem' | 'notice'>): SandboxReply {
    const fixed = { ...usernameField(visit.asked.pool, username), isFixed: true } as const;
    const fields = [fixed, codeField(), newPasswordField(visit.asked.pool, 'New password')];
    const reset = { path: '/confirmForgotPassword', submit: 'Change password', fields, problem: told.problem };
    const content = html`${form(visit, reset)}
      <p class="more">${link('/forgotPassword', visit, 'Ask for another code')}</p>`;
    return shown(visit, { title: 'New password', ...told, content });
  }

  async reset(visit: Visit): Promise<SandboxReply> {
    const { client } = visit.asked;
    const username = typedName(visit);
    try {
      await this.cognito.operations.ConfirmForgotPassword({
        ClientId: client.id,
        Username: username,
        ConfirmationCode: visit.form.get('code')?.trim() ?? '',
        Password: visit.form.get('password') ?? '',
        ...secretHash(client, username),
      });
    } catch (error) {
      return this.resetPage(visit, username, { problem: problemOf(error) });
    }
    return this.signIn.page(visit, { username, notice: 'Your password is changed. Sign in with it.' });
  }
}
