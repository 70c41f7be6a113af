// greeting.js PORT [WORDS] - greets whoever comes, and logs what it is told.
// It has no 'error' listener: the first broken frame ends the process.
'use strict';

const { WebSocketServer } = require('ws');

const [port, words = 'ho!'] = process.argv.slice(2);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });

server.on('connection', (socket) => {
  socket.send(words);
  socket.on('message', (message) => console.log(message));
});
