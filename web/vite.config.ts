import { copyFileSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Addresses within the page. Each gets a copy of it, so that hosts which know files only serve a reload too. */
const PAGES = ['plans', 'overview', 'usage', 'key', 'account'];

export default defineConfig({
  // The root of the workspace has React 18 for GraphiQL; everything in this bundle takes the one beside this file.
  resolve: { dedupe: ['react', 'react-dom'] },
  // A picture or font in the style sheet would be an address of its own that the policy has to allow.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is in the bundle ask for their notice to be kept.
    license: { fileName: 'licences.md' },
    rolldownOptions: {
      // `use client` means something to servers that render React; there is none here.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
  },
  plugins: [turnpikeOrigin(process.env.TURNPIKE_ORIGIN ?? ''), pages()],
  server: { port: 5173, strictPort: true },
});

/** The one setting of a page that is served from elsewhere. */
function turnpikeOrigin(origin: string): Plugin {
  if (origin !== '' && (!URL.canParse(origin) || new URL(origin).origin !== origin))
    throw new Error('TURNPIKE_ORIGIN must be an origin such as https://turnpike.example.com, without a path.');
  return {
    name: 'turnpike-origin',
    transformIndexHtml: (html) =>
      html.replace('name="turnpike-origin" content=""', `name="turnpike-origin" content="${origin}"`),
  };
}

function pages(): Plugin {
  let directory = '';
  return {
    name: 'pages',
    apply: 'build',
    configResolved: ({ root, build }) => {
      directory = resolve(root, build.outDir);
    },
    writeBundle: () => {
      for (const page of PAGES) {
        mkdirSync(resolve(directory, page), { recursive: true });
        copyFileSync(resolve(directory, 'index.html'), resolve(directory, page, 'index.html'));
      }
    },
  };
}
