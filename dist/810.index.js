export const id = 810;
export const ids = [810];
export const modules = {

/***/ 1810:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  load: () => (/* binding */ load_load)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./lib/host/archive-files.js
var archive_files = __webpack_require__(4106);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:stream/promises"
var promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: ./lib/handoff/archive-index.js
var archive_index = __webpack_require__(8025);
// EXTERNAL MODULE: ./lib/handoff/archive-layout.js
var archive_layout = __webpack_require__(8123);
;// CONCATENATED MODULE: ./lib/host/archive-folder.js






const LONGEST_INDEX = 64 * 1024 * 1024;
const ARCHIVE = /\.tar(\.zst|\.gz)?$/;
/**
 * The images in a folder of archives: those that its list names, each of whose files must be what the list says; without a
 * list those of every archive that is there. Throws the signal's reason when that aborts.
 */
async function readArchiveFolder(folder, archives, signal) {
    const list = (0,external_node_path_.join)(folder, archive_index/* ARCHIVE_INDEX */.qH);
    const size = sizeOf(list);
    if (size === undefined)
        return readUnlisted(folder, archives, signal);
    const expected = 'the list of a folder of archives, as this action writes it';
    const about = { where: list, expected };
    if (size > LONGEST_INDEX)
        return wrong({ ...about, seen: `${size} bytes` });
    const images = (0,archive_index/* parseArchiveIndex */.u1)((0,external_node_fs_.readFileSync)(list, 'utf8'));
    if (typeof images === 'string')
        return wrong({ ...about, seen: images });
    if (images.length === 0)
        return wrong({ where: list, seen: 'no image', expected: 'at least one that was built' });
    return readListed(folder, images, signal);
}
async function readListed(folder, images, signal) {
    const files = new Map(images.map((image) => [image.file, image]));
    const problems = [];
    for (const [file, expected] of files) {
        const problem = await check((0,external_node_path_.join)(folder, file), expected, signal);
        if (problem !== undefined)
            problems.push(problem);
    }
    const alone = (file) => images.filter((image) => image.file === file).length === 1;
    const sources = images.map(({ name, tags, format, file, id, config, digest }) => ({
        name,
        tags,
        path: (0,external_node_path_.join)(folder, file),
        config,
        ids: [...new Set([id, config, digest])],
        // Not every engine reads an OCI layout without docker's manifest.json.
        plain: format === 'docker' && /\.tar$/.test(file) && alone(file),
    }));
    return { sources, problems, warnings: [] };
}
async function check(path, { bytes, sha256 }, signal) {
    const size = sizeOf(path);
    if (size === undefined)
        return { where: path, seen: '', expected: `the archive that ${archive_index/* ARCHIVE_INDEX */.qH} names` };
    if (size !== bytes)
        return { where: path, seen: `${size} bytes`, expected: `${bytes} bytes`, hint: CHANGED };
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,promises_.pipeline)((0,external_node_fs_.createReadStream)(path), hash, { signal });
    const seen = hash.digest('hex');
    return seen === sha256
        ? undefined
        : { where: path, seen: `sha256:${seen}`, expected: `sha256:${sha256}`, hint: CHANGED };
}
const CHANGED = `it is not the file that ${archive_index/* ARCHIVE_INDEX */.qH} was written for: archive the images again, or copy them anew`;
/** Somebody else's archives: nothing says what is to be in them. */
async function readUnlisted(folder, archives, signal) {
    const names = namesIn(folder).filter((name) => !name.startsWith('.') && ARCHIVE.test(name));
    if (names.length === 0) {
        const expected = `a folder with ${archive_index/* ARCHIVE_INDEX */.qH}, or with archives (*.tar, *.tar.zst, *.tar.gz)`;
        return wrong({ where: 'path', seen: folder, expected });
    }
    const found = { sources: [], problems: [], warnings: [] };
    for (const name of names.sort()) {
        const path = (0,external_node_path_.join)(folder, name);
        try {
            for (const { tags, config, manifest } of await archives.read(path, signal)) {
                const [first] = tags;
                if (first === undefined)
                    found.warnings.push(`${path}: an image without tags is not loaded: ${config}`);
                else
                    found.sources.push({ name: first, tags, path, config, ids: [config, manifest.digest], plain: false });
            }
        }
        catch (error) {
            if (!(error instanceof archive_layout/* ArchiveError */.di))
                throw error;
            found.problems.push({ where: path, seen: error.message, expected: 'an archive of images' });
        }
    }
    found.warnings.push(`${folder} has no ${archive_index/* ARCHIVE_INDEX */.qH}: whether its archives are whole and unchanged was not checked`);
    return found;
}
function wrong(problem) {
    return { sources: [], problems: [problem], warnings: [] };
}
/** Of a file; a link leads to somebody else's. */
function sizeOf(path) {
    const stats = (0,external_node_fs_.lstatSync)(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats.size : undefined;
}
function namesIn(folder) {
    try {
        return (0,external_node_fs_.readdirSync)(folder);
    }
    catch {
        return [];
    }
}

// EXTERNAL MODULE: ./lib/host/engine-search.js + 17 modules
var engine_search = __webpack_require__(8388);
// EXTERNAL MODULE: ./lib/host/history-loading.js
var history_loading = __webpack_require__(551);
// EXTERNAL MODULE: ./lib/host/runner.js
var runner = __webpack_require__(6374);
// EXTERNAL MODULE: ./lib/host/scratch-folder.js
var scratch_folder = __webpack_require__(5429);
// EXTERNAL MODULE: ./lib/inputs/load.js
var load = __webpack_require__(8417);
// EXTERNAL MODULE: ./lib/inputs/problems.js
var inputs_problems = __webpack_require__(1733);
// EXTERNAL MODULE: ./lib/main.js + 103 modules
var main = __webpack_require__(9659);
// EXTERNAL MODULE: ./lib/plan/targets.js
var targets = __webpack_require__(9005);
;// CONCATENATED MODULE: ./lib/plan/load-plan.js

/** The images that were asked for, by names or patterns such as `web-*`; none means all. */
function planLoad(found, wanted, timeoutMs) {
    const isMeant = ({ name }, pattern) => name === pattern || (0,targets/* matches */.c)(pattern, name);
    const chosen = wanted.length === 0 ? found : found.filter((one) => wanted.some((pattern) => isMeant(one, pattern)));
    const unknown = wanted.filter((pattern) => !found.some((one) => isMeant(one, pattern)));
    const names = found.map(({ name }) => name);
    const doubles = names.filter((name, at) => names.indexOf(name) !== at);
    return {
        plan: {
            images: chosen.map(({ name, tags }) => imageToLoad(name, tags, timeoutMs)),
            archived: new Map(chosen.map((one) => [one.name, one])),
            files: new Map(),
            secrets: [],
            containerfiles: [],
            warnings: [],
        },
        problems: [
            ...unknown.map((pattern) => ({
                where: 'images',
                seen: pattern,
                expected: 'the name of an archived image, or a pattern of names',
                hint: `there are ${names.slice(0, 20).join(', ') || 'none'}`,
            })),
            ...[...new Set(doubles)].map((name) => ({
                where: 'path',
                seen: name,
                expected: 'each image once',
                hint: 'the folder holds several images of this name',
            })),
        ],
    };
}
/** Nothing of it is built, so that there is no context. */
function imageToLoad(name, tags, timeoutMs) {
    return {
        name,
        context: '',
        tags,
        buildArgs: {},
        buildContexts: {},
        labels: {},
        secrets: {},
        platforms: [],
        cacheFrom: [],
        cacheTo: [],
        noCache: false,
        pull: false,
        push: false,
        extraArgs: [],
        needs: [],
        timeoutMs,
    };
}

;// CONCATENATED MODULE: ./lib/load.js











/**
 * The action that loads a folder of archives: what is in it is checked before anything is loaded, and the rest goes as with
 * builds. Throws on bad inputs and on archives that are not what they should be, or when no engine answers.
 */
async function load_load() {
    const { inputs, problems } = (0,load/* readLoadInputs */._)(runner/* input */.hF);
    (0,inputs_problems/* refuse */.TR)(problems);
    const signal = (0,runner/* cancelSignal */.Bj)();
    const scratch = (0,scratch_folder/* chooseScratchPath */.Xp)();
    const folder = (0,external_node_path_.resolve)((0,runner/* workspace */.Gl)(), inputs.path);
    const found = await readArchiveFolder(folder, (0,archive_files/* createArchiveFiles */.C)((0,runner/* workspace */.Gl)(), scratch), signal).catch((error) => {
        if (signal.aborted)
            throw new engine_search/* CancelledError */.c(`cancelled (${String(signal.reason)}) before the archives were read`);
        throw error;
    });
    const { plan, problems: unknown } = planLoad(found.sources, inputs.images, inputs.run.timeoutMs);
    (0,inputs_problems/* refuse */.TR)([...found.problems, ...unknown]);
    runner/* handOver */.Cl.saveScratch(scratch);
    const own = (0,scratch_folder/* createScratchFolder */.DB)(scratch);
    // With the cache off there is none.
    const history = (0,history_loading/* loadHistory */.F)(inputs.run, scratch, signal);
    const clean = await (0,main/* run */.e)(inputs.run, { ...plan, warnings: found.warnings }, own, history, signal).finally(own.remove);
    if (clean)
        runner/* handOver */.Cl.markFinished();
}


/***/ })

};
