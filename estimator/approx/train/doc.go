// Command train makes and measures the table of package approx.
//
//	go run ./estimator/approx/train -vocab tiktoken.model -out estimator/approx/table.bin \
//		-root debian=DIR -root goroot=DIR -root modules=DIR -root python=DIR \
//		-root sdk=DIR -root node=DIR -root include=DIR
//
// It reads a corpus, asks the real tokenizer what the corpus's pieces cost, fits
// the table to that, and prints how far the result is off on documents it has
// not seen, beside the two rules of thumb in use (a token for four characters;
// the same with a token for each character that is not ASCII). With -table it
// measures a table instead of making one. The same corpus and seed give the same
// table.
//
// The vocabulary answers questions about pieces of the corpus and is used for
// nothing else: the table has no entry that no document led to. Corpora are not
// part of the project.
//
// # Corpus
//
// corpus.txt lists the sources: documentation, manual pages, translations and
// source code that a Debian machine with Go, Python and Node has anyway, and
// documentation from these packages of Debian 12, unpacked into the root debian
// with dpkg-deb -x:
//
//	apache2-doc aptitude-doc-{en,es,ja,ru} cataclysm-dda-data debian-faq{,-de,-fr,-ja,-ko,-ru,-zh-cn}
//	debian-handbook debian-policy{,-ja} debian-reference-{de,en,es,fr,id,it,ja,pt,zh-cn,zh-tw}
//	debmake-doc developers-reference{,-de,-ja,-ru} fortunes{,-cs,-de,-es,-it,-pl,-ru,-zh}
//	git-doc gnome-user-docs inkscape-tutorials installation-guide-amd64 iso-codes
//	libreoffice-help-{de,el,en-us,hi,ja,ko,tr,vi,zh-cn,zh-tw} lilypond-doc-html-{fr,ja,zh}
//	maint-guide{,-ja,-ru,-vi,-zh-cn,-zh-tw} manpages{,-dev}
//	manpages-{cs,da,de,el,es,fi,fr,hu,id,it,ja,ja-dev,nb,nl,pl,pt-br,ro,ru,sr,sv,tr,uk,vi,zh}
//	node-typescript nodejs-doc openttd-data perl-doc phpmyadmin python-babel-localedata
//	python3-django python3.11-doc rust-src vim-runtime wesnoth-1.16-data
//
// The other roots are the Go release (goroot), the module cache (modules), a
// Python 3.11 with its packages (python), the Python and JSON files of a cloud
// SDK (sdk), the global Node packages (node) and the system's C headers
// (include). Log lines and random identifiers are synthesized. A root that is
// not given is left out, with a warning.
//
// # Split
//
// Of ten documents, eight are trained on, one calibrates the odds and the
// bounds, and one is only measured. Code and data are divided by directory and
// documents by name without language, so that neither a neighbour nor a
// translation of a measured text was trained on.
//
// # Method
//
// The weights are a logistic regression on hashed features, learned by
// stochastic gradient descent, then rounded to sixteen levels and learned on so.
// The pieces kept by name are those that the weights get wrong most, weighed by
// how often they occur. The bounds are the narrowest of their form that hold for
// at least 99.4 per cent of the calibration texts of every group of kinds and
// every class of lengths, from one byte up.
package main
