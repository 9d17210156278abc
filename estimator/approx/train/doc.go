// Command train makes and measures the table of package approx.
//
//	go run ./estimator/approx/train -vocab tiktoken.model -seed 11 -out estimator/approx/table.bin \
//		-root debian=DIR -root goroot=DIR -root modules=DIR -root python=DIR \
//		-root sdk=DIR -root node=DIR -root include=DIR -root usr=DIR -root more=DIR
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
//	anarchism ansible ansible-core apache2-doc aptitude-doc-{en,es,ja,ru} beets borgbackup buildbot calibre
//	cataclysm-dda-data certbot debian-edu-doc-{de,en,es,ja,zh-cn} debian-faq{,-de,-fr,-ja,-ko,-ru,-zh-cn}
//	debian-handbook debian-policy{,-ja} debian-reference-{de,en,es,fr,id,it,ja,pt,zh-cn,zh-tw}
//	debmake-doc developers-reference{,-de,-ja,-ru} dokuwiki duplicity endless-sky-data eslint evolution-common
//	fillets-ng-data fortunes{,-cs,-de,-es,-it,-pl,-ru,-zh} gajim gallery-dl gimp-help-zh-cn git-doc
//	gnome-user-docs gnucash-common golang-github-aws-aws-sdk-go-dev golang-github-go-openapi-{analysis,spec}-dev
//	golang-google-api-dev golang-k8s-kube-openapi-dev hexchat-common inkscape-tutorials installation-guide-amd64
//	iso-codes jargon-text kmail kmymoney-common libreoffice-help-{de,el,en-us,hi,ja,ko,tr,vi,zh-cn,zh-tw}
//	libreoffice-l10n-{ar,bn,fa,he,hi,ja,ko,th,zh-cn,zh-tw} lilypond-doc-html-{fr,ja,zh} lollypop mailman3
//	maint-guide{,-ja,-ru,-vi,-zh-cn,-zh-tw} manpages{,-dev} mediawiki mercurial-common meson minetest-data
//	manpages-{cs,da,de,el,es,fi,fr,hu,id,it,ja,ja-dev,nb,nl,pl,pt-br,ro,ru,sr,sv,tr,uk,vi,zh} mitmproxy
//	node-babel7 node-caniuse-db node-core-js node-mdn-browser-compat-data node-mdn-data node-typescript
//	nodejs-doc npm openttd-data perl-doc phpmyadmin pidgin-data pychess pylint python-babel-localedata
//	python-{jsonschema,notebook,pandas,skimage,sklearn}-doc python3-{aiohttp,astropy,biopython,boto3,botocore,
//	breezy,bs4,celery,cherrypy3,cinder,cryptography,dask,distributed,django,djangorestframework,docutils,fastapi,
//	flask,gensim,googleapi,httpx,hypothesis,ipython,jieba,jinja2,keystone,kombu,kubernetes,lxml,markdown,matplotlib,
//	mypy,nbconvert,networkx,neutron,nltk,notebook,nova,numpy,pandas,paramiko,plotly,poetry,psycopg2,pydantic,
//	pygments,pymongo,pyqtgraph,pyramid,pytest,redis,requests,rich,schema-salad,scipy,scrapy,setuptools,sklearn,
//	sphinx,sqlalchemy,starlette,statsmodels,sympy,textual,thinc,torch,tornado,trio,twisted,vega-datasets,werkzeug,
//	xarray} python3.11-doc rust-src scons singularity streamlink tryton-server tuxpaint-data unknown-horizons
//	vim-runtime webpack wesnoth-1.16-data widelands-data wordpress-l10n yt-dlp
//
// Python is where pieces of documents never seen are met most, so there is more of
// it: the Python files of these packages, unpacked into the root more:
//
//	apt-listchanges black bup cloud-init command-not-found crash cython3 deluge-common devscripts fabric fail2ban
//	getmail6 gnuradio gramps gunicorn hachoir hplip-data lintian-brush meld offlineimap3 orca picard pitivi
//	quodlibet rdiff-backup reportbug s3cmd software-properties-common supervisor system-config-printer-common
//	terminator unattended-upgrades uwsgi-core virt-manager virtinst zim python3-{aiosmtpd,apt,ase,asyncssh,attr,
//	autobahn,bandit,biom-format,bitstring,bleak,bottle,can,capstone,cartopy,cassandra,cerberus,cffi,chameleon,
//	chardet,cheetah,click,cmd2,configobj,construct,coverage,dateutil,dbus,designate,dipy,dnspython,docopt,docx,
//	dulwich,elasticsearch,electrum,evdev,eventlet,feedgenerator,feedparser,flake8,fonttools,genshi,geopandas,gevent,
//	gi,git,github,gnupg,gunicorn,heat,html5lib,hypercorn,imageio,impacket,invoke,ipalib,irc,ironic,isort,jedi,jira,
//	jwt,keyring,lark,ldap3,ldns,libcloud,lldb-14,llvmlite,luma.core,lz4,mako,marshmallow,mido,mne,mutagen,nacl,
//	nbsphinx,nibabel,nose,nose2,numba,oauthlib,odf,opengl,openid,openpyxl,oslo.db,oslo.messaging,parso,passlib,
//	pastescript,peewee,pefile,pexpect,pil,pip,ply,prompt-toolkit,psutil,pulp,pwntools,pyasn1,pyaudio,pycodestyle,
//	pycparser,pycryptodome,pyfai,pyftpdlib,pygame,pyglet,pylibacl,pymodbus,pymysql,pyparsing,pypdf2,pyro4,pysnmp4,
//	pyudev,pyvisa,rasterio,rdflib,recommonmark,reportlab,rope,ropgadget,ruamel.yaml,samba,scapy,serial,shapely,silx,
//	simplejson,simpy,skimage,slixmpp,smbus2,soundfile,sphinx-rtd-theme,spyder,spyne,suds,sunpy,swift,testtools,
//	traitsui,unbound,urwid,usb,uvicorn,voluptuous,waitress,webob,websockets,whoosh,wtforms,xlib,xlsxwriter,zeep,
//	zeroconf,zmq,zope.component}
//
// The other roots are the Go release (goroot), the module cache (modules), a
// Python 3.11 with its packages (python), the Python and JSON files of a cloud
// SDK (sdk), the global Node packages (node) and the system's C headers
// (include); usr is the /usr of a Debian machine, of which Python's standard library
// and the README files are only measured. Log lines and random identifiers are synthesized. A root that is
// not given is left out, with a warning.
//
// # Split
//
// Of twenty documents, fifteen are trained on, one corrects the odds, two
// calibrate the bounds, and two are only measured. Code and data are divided by
// directory and documents by name without language, so that neither a neighbour
// nor a translation of a measured text was trained on, and a text that occurs
// twice counts once. Sentences made of a dictionary are trained on only, and so are
// the messages of a program in 500 languages. Sources of weight 0 are only measured:
// packages of which no file was trained on, and whole files of what most machines
// have. Programs bring along copies of such files, changed a little; what has every
// fourth of its long lines from a text of these sources is left out. Sources of
// weight -1 only calibrate the bounds, so that these hold for packages that were
// not trained on.
//
// Work on the method looks at the texts that calibrate the bounds (-dev) and not
// at the test. The figures in the package's comment are of a seed, and so of a
// split; that comment says what was decided by it.
//
// # Method
//
// A piece counts less each time that a document repeats it: a word that is one
// document's own is seldom another's.
//
// The weights are a logistic regression on hashed features, learned by following
// the regularized leader, then rounded to sixteen levels and learned on so. In
// learning, features of three characters and more are left out or taken for others
// now and then, as happens to those of texts that training never saw. The
// pieces kept by name are those that the weights and the siblings in the table
// get wrong most, weighed by how often they occur. One that a frequent piece of
// another cost would be taken for has to gain more than that loses. On disk the pieces are the
// differences of their sorted hashes, and the weights are entropy-coded.
//
// The bounds are the narrowest of their form that hold for at least 99.5 per cent
// of the calibration texts of every family of kinds, apart for texts from one and
// from twelve bytes and together for longer ones. Words of alphabets that the
// corpus hardly has are doubted apart from all others.
//
// Where errors come from is printed by class of pieces: what is named, what that
// class adds to the bias, and what to the error of a text. With -texts the long
// texts that were measured are stored, for estimator/tokenizer/bench/accuracy to
// count them by the vocabularies of OpenAI.
package main
