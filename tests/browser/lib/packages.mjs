// The npm packages lie below the target folder, where `cargo xtask test browser` puts them, so that the source tree stays
// as it is in git. ISDS_BROWSER names another place.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the source tree. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** Cargo's target folder. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");

const require = createRequire(join(process.env.ISDS_BROWSER ?? join(TARGET, "tools/browser"), "package.json"));

export const { chromium } = require("playwright-core");
export const { AxeBuilder } = require("@axe-core/playwright");
