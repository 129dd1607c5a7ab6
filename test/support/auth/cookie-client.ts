/** Headers of a script of the own page, as a browser sends them. */
export const OWN_SCRIPT = { 'apollo-require-preflight': '1', 'sec-fetch-site': 'same-origin' };

/** An HTTP client with the cookies of one browser. It follows no redirect by itself. */
export interface CookieClient {
  readonly cookies: Map<string, string>;
  /** Every `Set-Cookie` that was received. */
  readonly setCookies: readonly string[];
  request(url: string, init?: RequestInit): Promise<Response>;
  /** Sends a POST of a script of the page at `origin`, with its cookies. */
  post(origin: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Follows redirects from a URL to the first answer without one. */
  navigate(url: string): Promise<{ readonly response: Response; readonly url: string }>;
}

const MAX_REDIRECTS = 20;

/** Cookies are kept by host, without its port, as in browsers. */
export const cookieClient = (): CookieClient => {
  const cookies = new Map<string, string>();
  const setCookies: string[] = [];
  const keyOf = (url: string, name: string) => `${new URL(url).hostname} ${name}`;

  const cookieHeader = (url: string): string =>
    [...cookies]
      .filter(([key]) => key.startsWith(`${new URL(url).hostname} `))
      .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
      .join('; ');

  const request: CookieClient['request'] = async (url, init = {}) => {
    const cookie = cookieHeader(url);
    const headers = { ...(cookie !== '' && { cookie }), ...Object.fromEntries(new Headers(init.headers)) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      setCookies.push(line);
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const isOver = attributes.some((one) => one === 'Max-Age=0' || /^expires=thu, 01 jan 1970/i.test(one));
      if (isOver) cookies.delete(keyOf(url, name));
      else cookies.set(keyOf(url, name), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  };

  return {
    cookies,
    setCookies,
    request,
    post: (origin, path, body, headers = {}) =>
      request(origin + path, {
        method: 'POST',
        headers: { origin, ...OWN_SCRIPT, ...(body && { 'content-type': 'application/json' }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
      }),
    navigate: async (start) => {
      let url = start;
      for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
        const response = await request(url);
        const location = response.headers.get('location');
        if (location === null) return { response, url };
        await response.arrayBuffer();
        url = new URL(location, url).href;
      }
      throw new Error(`More than ${MAX_REDIRECTS} redirects from ${start}.`);
    },
  };
};
