package api

import (
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
	ginswagger "github.com/swaggo/gin-swagger"
	"golang.org/x/net/webdav"

	"tollgate/openapi"
)

const (
	swaggerRoot  = "/swagger/"
	swaggerIndex = swaggerRoot + "index.html"

	// swaggerPolicy lets the page run its own scripts, talk to this service
	// and nothing else. The page sets style attributes, hence 'unsafe-inline'.
	swaggerPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// swaggerAssets is every file of the Swagger UI that is served.
var swaggerAssets = map[string]bool{
	"index.html":                      true,
	"index.css":                       true,
	"swagger-initializer.js":          true,
	"swagger-ui.css":                  true,
	"swagger-ui-bundle.js":            true,
	"swagger-ui-standalone-preset.js": true,
	"favicon-16x16.png":               true,
	"favicon-32x32.png":               true,
}

// mountDocs mounts the published document and the page that shows it.
func (s *server) mountDocs(r *gin.Engine) {
	getAndHead(r, "/openapi.json", s.getDocumentJSON)
	getAndHead(r, "/openapi.yaml", s.getDocumentYAML)
	getAndHead(r, "/swagger/*any", s.handle(s.swagger()))
	s.mountPlayground(r)
	getAndHead(r, "/", func(c *gin.Context) { c.Redirect(http.StatusFound, swaggerIndex) })
}

// getDocumentJSON serves the document as JSON.
//
//	@ID			getDocumentJSON
//	@Summary	This document as JSON
//	@Tags		operation
//	@Produce	json
//	@Success	200	{object}	map[string]any
//	@Router		/openapi.json [get]
func (s *server) getDocumentJSON(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, mediaTypeJSON, openapi.JSON())
}

// getDocumentYAML serves the document as YAML.
//
//	@ID			getDocumentYAML
//	@Summary	This document as YAML
//	@Tags		operation
//	@Produce	application/yaml
//	@Success	200	{string}	string
//	@Router		/openapi.yaml [get]
func (s *server) getDocumentYAML(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/yaml", openapi.YAML())
}

// swagger serves the Swagger UI, all of it from the binary.
//
// gin-swagger takes the prefix of all its files from the first request it
// ever sees, so one odd address could leave the page blank until the next
// start. It therefore only sees requests in one form, for the three files that it
// makes; the others are packed in the binary.
func (s *server) swagger() func(*gin.Context) error {
	none := &webdav.Handler{FileSystem: webdav.NewMemFS(), LockSystem: webdav.NewMemLS()}
	files := sync.OnceValue(packedFiles)
	ui := ginswagger.WrapHandler(none, ginswagger.URL("/openapi.json"))
	return func(c *gin.Context) error {
		name := c.Param("any")[1:]
		if name == "" {
			c.Redirect(http.StatusFound, swaggerIndex)
			return nil
		}
		if !swaggerAssets[name] {
			return s.noRoute(c)
		}
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", swaggerPolicy)
		h.Set("Cache-Control", "public, max-age=3600")
		if file, ok := files()[name]; ok {
			return file.serve(c)
		}
		given := c.Request
		defer func() { c.Request = given }()
		c.Request = given.Clone(given.Context())
		c.Request.Method = http.MethodGet // it refuses HEAD, whose body net/http drops anyway
		c.Request.URL.Path, c.Request.URL.RawPath, c.Request.URL.RawQuery = swaggerRoot+name, "", ""
		c.Request.RequestURI = swaggerRoot + name
		ui(c)
		return nil
	}
}
