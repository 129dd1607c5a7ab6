/** True for a text that is an id by its form: digits, a UUID, a hash, `cus_123`, an email address. */
export const isIdText = (text: string): boolean =>
  /^-?\d+$/.test(text) ||
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ||
  /^(?=.*\d)[0-9a-f]{12,}$/i.test(text) ||
  /^[A-Za-z]{1,10}[_-](?=.*\d)[A-Za-z0-9]{4,}$/.test(text) ||
  /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_:+=~-]{16,}$/.test(text) ||
  /^[A-Z]{2}[0-9a-f]{32}$/.test(text) ||
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) ||
  /^\d{4}-\d\d-\d\d$/.test(text);
