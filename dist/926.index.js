export const id = 926;
export const ids = [926,998];
export const modules = {

/***/ 9998:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   listArchive: () => (/* binding */ listArchive),
/* harmony export */   p: () => (/* binding */ passThrough)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3024);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6466);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8522);
/* harmony import */ var tar_stream__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4492);
/* harmony import */ var _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1855);






/** Manifests and configs are some kilobytes; a layer that begins as JSON does is a tar all the same. */
const LONGEST_JSON = 4 * 1024 * 1024;
const MOST_ENTRIES = 100_000;
const MAGIC = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] };
/** Reads every file of an archive once, and makes its digest. Throws an ArchiveError when it is no whole tar file. */
async function listArchive(path, signal) {
    const listing = { files: [], links: [] };
    await passThrough(path, signal, async ({ name, bytes, content }) => {
        if (listing.files.length >= MOST_ENTRIES)
            throw new _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_5__/* .ArchiveError */ .di(`it holds more than ${MOST_ENTRIES} files`);
        listing.files.push(await entryOf(name, bytes, content));
    }, (name, to) => listing.links.push({ name, to }));
    return listing;
}
/** Calls back with each file in its turn, and with each link. */
async function passThrough(path, signal, onFile, onLink = () => { }) {
    const compression = compressionOf(firstBytes(path));
    const tar = (0,tar_stream__WEBPACK_IMPORTED_MODULE_4__.extract)();
    const source = (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.createReadStream)(path);
    const reading = compression === undefined
        ? (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_2__.pipeline)(source, tar, { signal })
        : (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_2__.pipeline)(source, compression === 'gzip' ? (0,node_zlib__WEBPACK_IMPORTED_MODULE_3__.createGunzip)() : (0,node_zlib__WEBPACK_IMPORTED_MODULE_3__.createZstdDecompress)(), tar, { signal });
    // Whoever reads the entries gets the error, too.
    reading.catch(() => { });
    try {
        for await (const entry of tar) {
            const { name, type, size, linkname } = entry.header;
            if (type === 'symlink' || type === 'link')
                onLink(name, linkname);
            if (type === 'file' || type === 'contiguous-file') {
                await onFile({ name, bytes: size, content: entry });
            }
            entry.resume();
        }
        await reading;
    }
    catch (error) {
        signal.throwIfAborted();
        if (error instanceof _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_5__/* .ArchiveError */ .di || isOfSystem(error))
            throw error;
        throw new _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_5__/* .ArchiveError */ .di(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    finally {
        source.destroy();
        tar.destroy();
    }
}
async function entryOf(name, bytes, content) {
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
    const kept = [];
    let first;
    for await (const chunk of content) {
        first ??= chunk;
        hash.update(chunk);
        if (bytes <= LONGEST_JSON && /^[[{]/.test(String.fromCharCode(first[0] ?? 0)))
            kept.push(chunk);
    }
    const compressed = compressionOf(first ?? Buffer.alloc(0));
    return {
        name,
        digest: `sha256:${hash.digest('hex')}`,
        bytes,
        ...(kept.length === 0 ? {} : { json: Buffer.concat(kept).toString('utf8') }),
        ...(compressed === undefined ? {} : { compressed }),
    };
}
/** By what a file begins with, as its name may say anything. */
function compressionOf(start) {
    return ['gzip', 'zstd'].find((name) => MAGIC[name].every((byte, at) => start[at] === byte));
}
function firstBytes(path) {
    const file = (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.openSync)(path, 'r');
    try {
        const start = Buffer.alloc(4);
        return start.subarray(0, (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.readSync)(file, start));
    }
    finally {
        (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.closeSync)(file);
    }
}
/** The disk's errors, not those of what is on it. */
function isOfSystem(error) {
    return error?.syscall !== undefined;
}


/***/ }),

/***/ 8545:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   createArchiveWriter: () => (/* binding */ createArchiveWriter)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3024);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6760);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7075);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6466);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8522);
/* harmony import */ var tar_stream__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(4492);
/* harmony import */ var _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(1855);
/* harmony import */ var _archive_reader_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(9998);
/* harmony import */ var _whole_file_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8124);











/** The same images make the same archive. */
const MTIME = new Date(0);
/**
 * Writes an archive under a hidden name in its own folder, marked as this run's, so that a post step can remove what a
 * killed run left of it; the folder is made when it is missing.
 */
function createArchiveWriter(path, part, { format, compression }) {
    (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.mkdirSync)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)(path), { recursive: true });
    const tar = (0,tar_stream__WEBPACK_IMPORTED_MODULE_7__.pack)();
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
    let bytes = 0;
    const measure = new node_stream__WEBPACK_IMPORTED_MODULE_4__.Transform({
        transform(chunk, _encoding, done) {
            hash.update(chunk);
            bytes += chunk.length;
            done(null, chunk);
        },
    });
    // Flushed to the disk before it is closed, so that a name never stands for less than the whole file.
    const output = (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.createWriteStream)(part, { flags: 'wx', mode: 0o644, flush: true });
    const compress = compression === 'zstd' ? (0,node_zlib__WEBPACK_IMPORTED_MODULE_6__.createZstdCompress)() : new node_stream__WEBPACK_IMPORTED_MODULE_4__.PassThrough();
    const written = (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_5__.pipeline)(tar, compress, measure, output);
    written.catch(() => { });
    /** Rejects when the file cannot be written, which nobody would be told who waits for room in it. */
    const failed = written.then(() => new Promise(() => { }));
    failed.catch(() => { });
    const images = [];
    const stored = new Set();
    let last = Promise.resolve();
    let broken;
    return {
        add(from, image, signal) {
            const adding = last.then(async () => {
                if (broken !== undefined)
                    throw broken;
                try {
                    await addImage(from, image, signal);
                    images.push(image);
                }
                catch (error) {
                    broken = await causeOf(error);
                    throw broken;
                }
            });
            last = adding.catch(() => { });
            return adding;
        },
        async finish() {
            await last;
            if (broken !== undefined)
                throw broken;
            for (const [name, text] of Object.entries((0,_handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__/* .layoutFiles */ .W7)(images, format)))
                addText(name, text);
            tar.finalize();
            await written;
            await (0,_whole_file_js__WEBPACK_IMPORTED_MODULE_10__/* .putInPlace */ .y)(part, path);
            return { bytes, sha256: hash.digest('hex') };
        },
        async discard() {
            tar.destroy();
            await written.catch(() => { });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_2__.rm)(part, { force: true });
        },
    };
    async function addImage(from, image, signal) {
        const missing = new Map(image.blobs.filter(({ digest }) => !stored.has(digest)).map(({ digest, name }) => [name, digest]));
        if (image.made !== undefined && !stored.has(image.manifest.digest)) {
            addText((0,_handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__/* .blobName */ .PF)(image.manifest.digest), image.made);
            stored.add(image.manifest.digest);
        }
        if (missing.size === 0)
            return;
        await (0,_archive_reader_js__WEBPACK_IMPORTED_MODULE_9__/* .passThrough */ .p)(from, signal, async (file) => {
            const digest = missing.get(file.name);
            if (digest === undefined || stored.has(digest))
                return;
            await addFile(file, digest);
            stored.add(digest);
        });
        const gone = [...missing.values()].filter((digest) => !stored.has(digest));
        if (gone.length > 0)
            throw new _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__/* .ArchiveError */ .di(`${(0,node_path__WEBPACK_IMPORTED_MODULE_3__.basename)(from)} no longer holds ${gone.join(', ')}`);
    }
    async function addFile({ bytes: size, content }, digest) {
        const seen = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
        const sink = tar.entry({ name: (0,_handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__/* .blobName */ .PF)(digest), size, mode: 0o644, mtime: MTIME });
        sink.on('error', () => { });
        for await (const chunk of content) {
            seen.update(chunk);
            if (!sink.write(chunk))
                await Promise.race([new Promise((go) => sink.once('drain', () => go(undefined))), failed]);
        }
        sink.end(undefined);
        const hex = seen.digest('hex');
        if (`sha256:${hex}` !== digest)
            throw new _handoff_archive_layout_js__WEBPACK_IMPORTED_MODULE_8__/* .ArchiveError */ .di(`a file of it has changed: seen sha256:${hex}, expected ${digest}`);
    }
    function addText(name, text) {
        tar.entry({ name, mode: 0o644, mtime: MTIME }, text);
    }
    /** A tar whose file cannot be written says only that it has been ended. */
    async function causeOf(error) {
        const soon = new Promise((resolve) => setImmediate(resolve, error));
        return Promise.race([failed.catch((cause) => cause), soon]);
    }
}


/***/ })

};
