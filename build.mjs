// Builds the website's assets: `node build.mjs` once, `node build.mjs --watch` on every change.
//
// app/web/assets  ->  app/web/static/dist
//   app.css, app.js       bundled, minified, named by their content
//   icons.svg             one sprite of the icons listed in icons.txt
//   *.woff2, *.svg        copied, named by their content
//   manifest.json         { "app.css": "app-XXXXXXXX.css", …, "icons": ["home", …] }
// Text files get .br and .gz siblings, which the static server hands out as they are; while watching they do not.
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";
import { createHash } from "node:crypto";
import { existsSync, watch } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));
const assets = join(root, "app/web/assets");
const templates = join(root, "app/web/templates");
const target = join(root, "app/web/static/dist");
const next = `${target}.next`;

const isWatching = process.argv.includes("--watch");

const contentHash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);
const hashedName = (name, bytes) => `${basename(name, extname(name))}-${contentHash(bytes)}${extname(name)}`;

// Only the vendor's stylesheet is purged. Our own class names are often put together in
// templates, and a purge would drop them without a word.
async function purgedVendorCss() {
  const [result] = await new PurgeCSS().purge({
    css: [join(root, "node_modules/@tabler/core/dist/css/tabler.css")],
    content: [`${templates}/**/*.html`],
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  return result.css;
}

const vendorCss = {
  name: "vendor-css",
  setup(bundler) {
    bundler.onResolve({ filter: /^vendor:tabler$/ }, () => ({ path: "tabler.css", namespace: "vendor" }));
    bundler.onLoad({ filter: /.*/, namespace: "vendor" }, async () => ({
      contents: await purgedVendorCss(),
      loader: "css",
    }));
  },
};

async function bundle() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [join(assets, "app.css"), join(assets, "app.js")],
    outdir: next,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "iife",
    target: ["chrome123", "firefox121", "safari17.5"],
    loader: { ".woff2": "file", ".svg": "file" },
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    plugins: [vendorCss],
  });
  const names = {};
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) names[basename(output.entryPoint)] = basename(file);
    else names[Object.keys(output.inputs).map((input) => basename(input))[0]] = basename(file);
  }
  return names;
}

async function iconSprite() {
  const list = await readFile(join(assets, "icons.txt"), "utf8");
  const names = [...new Set(list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#")))];
  const symbols = await Promise.all(names.map(async (name) => {
    const own = join(assets, "icons", `${name}.svg`);
    const file = existsSync(own) ? own : join(root, "node_modules/@tabler/icons/icons", `${vendorPath(name)}.svg`);
    if (!existsSync(file)) throw new Error(`icons.txt names "${name}", which is no Tabler icon and not in assets/icons.`);
    const source = await readFile(file, "utf8");
    const inner = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"))
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s*\n\s*/g, "");
    const paint = name.endsWith("-filled") ? 'fill="currentColor"'
      : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
    return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`;
  }));
  const sprite = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  const file = hashedName("icons.svg", sprite);
  await writeFile(join(next, file), sprite);
  return { file, names: names.sort() };
}

const vendorPath = (name) => (name.endsWith("-filled") ? `filled/${name.slice(0, -7)}` : `outline/${name}`);

async function copiedImages() {
  const names = {};
  for (const name of await readdir(join(assets, "images"))) {
    const bytes = await readFile(join(assets, "images", name));
    names[name] = hashedName(name, bytes);
    await writeFile(join(next, names[name]), bytes);
  }
  return names;
}

async function compress() {
  for (const name of await readdir(next)) {
    if (![".css", ".js", ".svg"].includes(extname(name))) continue;
    const bytes = await readFile(join(next, name));
    await writeFile(join(next, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    await writeFile(join(next, `${name}.br`), brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }));
  }
}

async function buildAll() {
  const started = performance.now();
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { recursive: true });
  const [bundles, sprite, images] = await Promise.all([bundle(), iconSprite(), copiedImages()]);
  const manifest = { ...bundles, ...images, "icons.svg": sprite.file, icons: sprite.names };
  if (!isWatching) await compress();
  await writeFile(join(next, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await rename(next, target);
  console.log(`assets built in ${Math.round(performance.now() - started)} ms`);
}

// Folder by folder: Node 18 on Linux watches no tree at once.
async function foldersBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => foldersBelow(join(folder, entry.name)));
  return [folder, ...(await Promise.all(below)).flat()];
}

async function watchAll() {
  const watched = new Set();
  let waiting = null;
  let building = Promise.resolve();
  const rebuild = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      building = building.then(buildAll).then(watchNew).catch((error) => console.error(error.message));
    }, 60);
  };
  const watchNew = async () => {
    for (const folder of (await Promise.all([assets, templates].map(foldersBelow))).flat()) {
      if (watched.has(folder)) continue;
      watched.add(folder);
      watch(folder, rebuild).on("error", () => watched.delete(folder));
    }
  };
  await watchNew();
}

await buildAll();
if (isWatching) await watchAll();
