// Builds what the binary embeds: one style sheet out of the state's design system and our own, fonts, icons, scripts.
// Called by `cargo xtask assets` with the folder of npm's modules and the folder to fill.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [modules, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const system = join(modules, "@gov-design-system-ce");
const fresh = `${out}.new`;

// Parts of the design system that the pages use.
const COMPONENTS = ["button", "form-input", "form-select", "tag"];
// Weight, style, name of the file. Characters beyond Latin-1 (Czech has many) lie in files of their own.
const FONTS = [
  [400, "normal", "roboto-regular"],
  [400, "italic", "roboto-italic"],
  [500, "normal", "roboto-medium"],
  [700, "normal", "roboto-bold"],
];
const LATIN = "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+2074, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215";
const EXTENDED = "U+0100-024F, U+1E00-1EFF, U+20A0-20AB, U+20AD-20CF, U+2113, U+2C60-2C7F, U+A720-A7FF";

rmSync(fresh, { recursive: true, force: true });
for (const folder of ["fonts", "img", "js"]) mkdirSync(join(fresh, folder), { recursive: true });

const read = (...path) => readFileSync(join(...path), "utf8");
const own = readdirSync(join(here, "css")).filter((name) => name.endsWith(".css")).sort();
const style = [
  ...FONTS.flatMap(([weight, kind, name]) => [
    fontFace(weight, kind, `${name}-ext`, EXTENDED),
    fontFace(weight, kind, name, LATIN),
  ]),
  read(system, "styles/lib/html/tokens.css"),
  ...COMPONENTS.map((name) => read(system, `styles/lib/html/components/gov-${name}.css`)),
  // Ours last, the base before the areas.
  ...["base.css", ...own.filter((name) => name !== "base.css")].map((name) => read(here, "css", name)),
];
writeFileSync(join(fresh, "site.css"), style.join("\n"));

// For documents to be printed and kept, which hold their typeface whole: browsers do not fetch these.
for (const [folder, file] of [["400Regular", "Roboto_400Regular"], ["700Bold", "Roboto_700Bold"]]) {
  cpSync(join(modules, "@expo-google-fonts/roboto", folder, `${file}.ttf`), join(fresh, "fonts", `${file}.ttf`));
}

cpSync(join(here, "js"), join(fresh, "js"), { recursive: true });
cpSync(join(here, "img"), join(fresh, "img"), { recursive: true });
cpSync(join(system, "icons/lib/components"), join(fresh, "img/icons"), { recursive: true });

// Compressed once, as well as it goes, and not with every request.
for (const file of files(fresh)) {
  if (!/\.(css|js|mjs|svg)$/.test(file)) continue;
  const bytes = readFileSync(file);
  if (bytes.length < 1000) continue;
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

// What has not changed stays as it is, or the crate would be built anew every time.
if (!same(fresh, out)) {
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
} else {
  rmSync(fresh, { recursive: true });
}

function fontFace(weight, kind, name, range) {
  const source = join(system, "fonts/lib", `${name}.woff2`);
  // Italics have no file of their own for some of the characters; the upright one serves.
  if (!existsSync(source)) return "";
  cpSync(source, join(fresh, "fonts", `${name}.woff2`));
  return `@font-face{font-family:Roboto;font-weight:${weight};font-style:${kind};font-display:swap;src:url("fonts/${name}.woff2") format("woff2");unicode-range:${range}}`;
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

function same(one, other) {
  if (!existsSync(other)) return false;
  const names = (folder) => files(folder).map((file) => relative(folder, file)).sort();
  const ours = names(one);
  return (
    ours.join("\n") === names(other).join("\n") &&
    ours.every((name) => readFileSync(join(one, name)).equals(readFileSync(join(other, name))))
  );
}
