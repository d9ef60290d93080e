// Bundles the islands into webui/static/dist, with a manifest for webui/assets.py and the notices of all that was bundled.
// hatch_build.py runs it while pip installs; `npm run build` does while one works on it.
import { build } from 'esbuild';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const OUT = '../static/dist';
const ISLANDS = [ 'shell', 'form', 'viewer', 'comparison', 'modeler', 'form-editor', 'form-preview', 'tables' ];

rmSync(OUT, { recursive: true, force: true });

// FEEL fields offer what our engine has, not what the libraries' makers sell.
const ownFunctions = {
  name: 'own-functions',
  setup: build => build.onResolve({ filter: /^@camunda\/feel-builtins$/ }, () => ({ path: resolve('src/feel-builtins.js') }))
};

const { metafile } = await build({
  entryPoints: ISLANDS.map(name => `src/${name}.js`),
  outdir: OUT,
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  target: 'es2022',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'linked',
  loader: { '.svg': 'file', '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [ ownFunctions ],
  metafile: true,
  logLevel: 'warning'
});

const manifest = {};
for (const [ file, output ] of Object.entries(metafile.outputs)) {
  const name = ISLANDS.find(name => output.entryPoint === `src/${name}.js`);
  if (!name) continue;
  manifest[name] = {
    js: basename(file),
    css: output.cssBundle ? basename(output.cssBundle) : null,
    preload: output.imports.filter(each => each.kind === 'import-statement').map(each => basename(each.path))
  };
}

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const folder = input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/)?.[0];
  if (folder) packages.add(folder);
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json')));
  const file = readdirSync(folder).find(each => /^(licen[cs]e|copying|notice)/i.test(each));
  const text = file ? readFileSync(join(folder, file), 'utf8') : '(the package carries no licence file)';
  return `== ${name} ${version} (${license ?? 'see below'})\n\n${text}\n`;
}

const notices = [ ...packages ].filter(folder => existsSync(join(folder, 'package.json'))).sort().map(notice);
writeFileSync(join(OUT, 'THIRD_PARTY_LICENSES.txt'), notices.join('\n'));
writeFileSync(join(OUT, 'manifest.json'), JSON.stringify(manifest, null, 1));
console.log(`${ISLANDS.length} islands, ${packages.size} packages`);
