/** The line above GraphiQL: who is signed in, and the way in and out. */

const [who, signIn, signOut] = ['who', 'sign-in', 'sign-out'].map((id) => document.getElementById(id));

const BY_HAND = 'put {"authorization": "Bearer <token>"} into the headers pane.';

/** There is no way in here; says why, and what to do instead. */
export function showNoSignIn(reason) {
  who.textContent = `${reason} To send a token, ${BY_HAND}`;
}

/** `told` is a sentence about what has just happened. */
export async function showSession(session, told = '') {
  const user = await session.who();
  signIn.hidden = user !== null;
  signOut.hidden = user === null;
  if (user === null) {
    who.textContent = `${told} Not signed in.`.trim();
    return;
  }
  const name = Object.assign(document.createElement('strong'), { textContent: user.name });
  const role = Object.assign(document.createElement('span'), {
    className: user.isAdmin ? 'role admin' : 'role',
    textContent: user.isAdmin ? 'admin' : 'not an admin',
  });
  who.replaceChildren('Signed in as ', name, ' ', role);
}

/** Both lead away from the page; a second click meanwhile does nothing. */
export function listen(session) {
  const leave = (go, failed) => async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await go();
    } catch (error) {
      button.disabled = false;
      await showSession(session, `${failed}: ${error.message}.`);
    }
  };
  signIn.addEventListener(
    'click',
    leave(() => session.signIn(), 'Signing in did not work'),
  );
  signOut.addEventListener(
    'click',
    leave(() => session.signOut(), 'Signing out did not work'),
  );
  addEventListener('pageshow', () => {
    signIn.disabled = false;
    signOut.disabled = false;
  });
}
