export const id = 998;
export const ids = [998];
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


/***/ })

};
