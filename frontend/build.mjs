// Builds what the sites serve: styles, icons, scripts, the verifier page and their checksums. Nothing comes from a CDN.
// npm install --no-save && node build.mjs
import {execFileSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from "node:fs";
import {dirname, join, relative} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";
import {buildSync} from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const sources = join(here, "../src/licheng");
const out = join(sources, "foundations/ui/static/licheng");
const read = path => readFileSync(path, "utf8");
const files = dir => readdirSync(dir, {withFileTypes: true}).flatMap(entry =>
  entry.isDirectory() ? files(join(dir, entry.name)) : [join(dir, entry.name)]);

function usedIcons() {
  const named = new Set(read(join(here, "icons.txt")).split(/\s+/).filter(Boolean));
  const missing = [];
  const has = name => existsSync(join(modules, "lucide-static/icons", `${name}.svg`));
  const sure = [/<c-icon\b[^>]*?\bname="([a-z0-9-]+)"/g, /{%\s*icon "([a-z0-9-]+)"/g, /\bicon="([a-z0-9-]+)"/g, /["']?\bicon["']?\s*[:=]\s*["']([a-z0-9-]+)["']/g];
  // tables of icons in Python, such as TONE_ICONS, hold the names as plain values
  const maybe = [/:\s*"([a-z]+[a-z0-9-]*)"/g];
  for (const path of files(sources).filter(path => /\.(html|py)$/.test(path))) {
    const text = read(path);
    for (const pattern of sure) for (const [, name] of text.matchAll(pattern)) has(name) ? named.add(name) : missing.push(`${relative(sources, path)}: ${name}`);
    if (path.endsWith(".py") && /icon/i.test(text)) for (const pattern of maybe) for (const [, name] of text.matchAll(pattern)) if (has(name)) named.add(name);
  }
  if (missing.length) throw new Error(`no such Lucide icon:\n${[...new Set(missing)].join("\n")}`);
  return [...named].sort();
}

function sprite(names) {
  const symbols = names.map(name => {
    const body = read(join(modules, "lucide-static/icons", `${name}.svg`))
      .replace(/<!--.*?-->/gs, "").replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

// Pages must work on old phones: newer syntax is rewritten, and newer library calls fail the type check below.
const OLD_PHONES = ["es2019", "chrome80", "safari13.1"];
const PAGE_SCRIPT_BYTES = {app: 8 * 1024, upload: 25 * 1024, photos: 4 * 1024, passkeys: 2 * 1024};

function script(entry, format = "esm", target = ["es2020", "safari15"]) {
  return buildSync({entryPoints: [join(here, "src", entry)], bundle: true, format, target, charset: "utf8", minify: true,
    alias: {"tus-js-client": join(modules, "tus-js-client/lib/browser/index.js")}, legalComments: "none", write: false}).outputFiles[0].text;
}

function pageScript(name) {
  const code = script(`${name}.ts`, "esm", OLD_PHONES);
  const size = gzipSync(code, {level: 9}).length;
  if (size > PAGE_SCRIPT_BYTES[name]) throw new Error(`${name}.js has ${size} bytes compressed, over its bound of ${PAGE_SCRIPT_BYTES[name]}`);
  process.stdout.write(`${name}.js: ${size} bytes compressed\n`);
  writeFileSync(join(out, `${name}.js`), code);
}

function verifierPage() {
  const code = script("verify.ts", "iife").replaceAll("</script", "<\\/script");
  const page = read(join(here, "src/verify.html"));
  const style = read(join(here, "src/verify.css")).replace(/\s*\n\s*/g, "");
  writeFileSync(join(out, "verify/verify.js"), code);
  writeFileSync(join(out, "verify/verify.css"), `${style}\n`);
  writeFileSync(join(out, "verify/verify.html"), page);
  writeFileSync(join(out, "verify/licheng-verify.html"), page
    .replace('<link rel="stylesheet" href="verify.css">', () => `<style>${style}</style>`)
    .replace('<script src="verify.js" defer></script>', "")
    .replace(/\n *<p class="served">.*?<\/p>/s, "")
    .replace("</body>", () => `<script>${code}</script>\n</body>`));
}

mkdirSync(join(out, "verify"), {recursive: true});
// a map comment would make the manifest storage look for a file that is not shipped
writeFileSync(join(out, "htmx.min.js"), read(join(modules, "htmx.org/dist/htmx.min.js")).replace(/\n?\/\/# sourceMappingURL=.*$/m, "\n"));
const names = usedIcons();
writeFileSync(join(out, "icons.svg"), sprite(names));
writeFileSync(join(out, "logo.svg"), sprite(["book-open-check"]).replace(/<symbol[^>]*>/, '<rect width="24" height="24" rx="5" fill="#0b5a8f"/><g transform="translate(3.6 3.6) scale(.7)" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">')
  .replace("</symbol>", "</g>").replace("<svg ", '<svg viewBox="0 0 24 24" '));
for (const config of ["tsconfig.json", "tsconfig.pages.json"]) {
  execFileSync(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", join(here, config)], {stdio: "inherit"});
}
for (const name of Object.keys(PAGE_SCRIPT_BYTES)) pageScript(name);
if (existsSync(join(here, "src/verify.ts"))) verifierPage();
execFileSync(process.execPath, [join(modules, "@tailwindcss/cli/dist/index.mjs"), "-i", join(here, "app.css"), "-o", join(out, "app.css"), "--minify"], {cwd: here, stdio: ["ignore", "ignore", "inherit"]});
const sums = files(out).filter(path => !path.endsWith("SHA256SUMS")).sort()
  .map(path => `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${relative(out, path)}\n`);
writeFileSync(join(out, "SHA256SUMS"), sums.join(""));
process.stdout.write(`${names.length} icons, ${sums.length} files\n`);
