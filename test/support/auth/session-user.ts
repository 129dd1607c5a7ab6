/** A user of sessions in tests, without tokens of a provider. */
export const SESSION_USER = {
  issuer: 'https://id.example',
  subject: 'c1',
  sid: null,
  claims: {},
  scopes: [],
  roles: [],
  idToken: 'i',
};
