/** The API that is sold, as customers call it. */
export interface SoldApi {
  readonly url: string;
  readonly tryPath: string;
  /** The token that it wants beside the key. */
  readonly token: 'id' | 'access' | 'none';
}

export interface Snippet {
  readonly title: string;
  readonly text: string;
}

/** A first call, ready to paste. The token is left to the environment: it lives an hour, the key for good. */
export function snippets({ url, tryPath, token }: SoldApi, key: string): readonly Snippet[] {
  const address = `${url}${tryPath}`;
  const isTokenWanted = token !== 'none';
  const name = token === 'access' ? 'ACCESS_TOKEN' : 'ID_TOKEN';
  return [
    {
      title: 'curl',
      text: [
        `curl -i "${address}"`,
        ...(isTokenWanted ? [`-H "authorization: $${name}"`] : []),
        `-H "x-api-key: ${key}"`,
      ].join(' \\\n  '),
    },
    {
      title: 'JavaScript',
      text: lines(
        `const reply = await fetch('${address}', {`,
        '  headers: {',
        isTokenWanted && `    authorization: process.env.${name},`,
        `    'x-api-key': '${key}',`,
        '  },',
        '});',
        'console.log(reply.status, await reply.json());',
      ),
    },
    {
      title: 'Python',
      text: lines(
        isTokenWanted ? 'import json, os, urllib.request' : 'import json, urllib.request',
        '',
        `request = urllib.request.Request("${address}", headers={`,
        isTokenWanted && `    "Authorization": os.environ["${name}"],`,
        `    "x-api-key": "${key}",`,
        '})',
        'with urllib.request.urlopen(request) as reply:',
        '    print(reply.status, json.load(reply))',
      ),
    },
  ];
}

function lines(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join('\n');
}
