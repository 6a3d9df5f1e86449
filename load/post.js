// The post step of the action that loads, in the same bundle.
process.argv.push('load', 'post');
await import('../dist/index.js');
