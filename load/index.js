// Both actions are one bundle; this tells it which of them runs.
process.argv.push('load');
await import('../dist/index.js');
