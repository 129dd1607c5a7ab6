import type { Customer } from '../fixtures.ts';

const STYLE = `body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f2ee;color:#22201c;
font:16px/1.5 system-ui,sans-serif}main{background:#fff;padding:2rem 2.5rem;border:1px solid #ddd8cf;border-radius:12px;
width:20rem}h1{font-size:1.3rem;margin:0 0 .25rem}p{margin:0 0 1.25rem;color:#6b665c}button{display:block;width:100%;
margin:.5rem 0;padding:.7rem 1rem;font:inherit;text-align:left;background:#fff;border:1px solid #cfc9bd;border-radius:8px;
cursor:pointer}button:hover,button:focus{border-color:#8a5a2b;background:#fbf7f1}small{color:#6b665c}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${escaped(title)}</title><style>${STYLE}</style><main>${content}</main></html>`;

/** The page on which a customer is chosen. A real provider would require a password or a passkey here. */
export const chooseCustomer = (action: string, customers: readonly Customer[]): string =>
  page(
    'Sign in',
    `<h1>Sign in</h1><p>The demo's provider has no passwords. Choose a customer.</p><form method="post" action="${escaped(action)}">${customers
      .map(({ id, name }) => `<button name="account" value="${id}">${escaped(name)} <small>${id}</small></button>`)
      .join('')}</form>`,
  );

/** The page that asks before the provider's own session ends. `form` is that of the provider. */
export const confirmLogout = (form: string): string =>
  page(
    'Sign out',
    `<h1>Sign out</h1><p>Your session at the provider ends, too.</p>${form}` +
      `<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button>`,
  );

export const signedOut = (): string => page('Signed out', '<h1>Signed out</h1>');
