const express = require('express');

const app = express();
app.get('/greeting/:name', (request, response) => {
  response.json({ text: `Hello, ${request.params.name}` });
});

module.exports = app;
